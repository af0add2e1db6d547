"""Tables of charity money: the month by fund, campaigns, societies, pledges, goods, the year."""
