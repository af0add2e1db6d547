"""What the writer's answers say to people: findings with the words for what they name.

It judges nothing and writes nothing. Start at `findings.py`.
"""
