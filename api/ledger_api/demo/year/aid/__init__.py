"""Aid that is given once, month by month: what each list must come to, its rows, its files, and how they are imported.

Temporary aid, street aid, funeral waivers, insurance, condolence and scholarships; see `targets`.
"""
