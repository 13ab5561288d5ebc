"""What EDGAR and the data sets of the SEC take: the client, the indexes, and the filings."""
