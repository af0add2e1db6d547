"""Welfare-lottery proceeds (福彩公益金): what there was to use, what projects and lists used of it."""
