{{ owner_versions(ref('stg_sec_edgar__filing_versions'), ref('stg_sec_edgar__owners')) }}
