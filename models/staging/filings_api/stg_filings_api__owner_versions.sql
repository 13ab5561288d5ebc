{{ owner_versions(ref('stg_filings_api__filing_versions'), ref('stg_filings_api__owners')) }}
