"""Tables of relief money: paid by month, by township, failed, checked three ways, movements, funding, the year."""
