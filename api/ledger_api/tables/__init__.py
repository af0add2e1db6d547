"""The supervisor's tables as people get them: words in their language, a screen, a workbook for Excel.

It decides no figure. Start at `wording.py`.
"""
