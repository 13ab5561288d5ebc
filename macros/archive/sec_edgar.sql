{#- Where the parts of an SEC filing lie in its payload, by each of the two routes: EDGAR's ownership document, and the tables of the data sets. -#}

{% macro sec_fields(archive, part) -%}
    {%- set document = 'ownership_document.' -%}
    {%- set relationship = 'reportingOwnerRelationship.' -%}
    {%- set amounts = 'transactionAmounts.' -%}
    {%- set underlying = 'underlyingSecurity.underlyingSecurity' -%}
    {%- set parts = {
        'sec_edgar': {
            'tables': {
                'owners': document ~ 'reportingOwner',
                'footnotes': document ~ 'footnotes',
                'rows': [{'path': document ~ 'nonDerivativeTable'}, {'path': document ~ 'derivativeTable'}]
            },
            'record': {
                'form_type': ['form_type', document ~ 'documentType'],
                'schema_version': document ~ 'schemaVersion',
                'issuer_cik': [document ~ 'issuer.issuerCik', 'issuer_cik'],
                'issuer_name': document ~ 'issuer.issuerName',
                'raw_ticker': document ~ 'issuer.issuerTradingSymbol',
                'filing_date': 'filing_date',
                'accepted_at': 'accepted_at',
                'date_of_original_submission': document ~ 'dateOfOriginalSubmission',
                'is_10b5_1': document ~ 'aff10b5One',
                'file_number': 'file_number',
                'remarks': document ~ 'remarks'
            },
            'owner': {
                'owner_cik': 'reportingOwnerId.rptOwnerCik',
                'owner_name': 'reportingOwnerId.rptOwnerName',
                'relationship': [],
                'is_director': relationship ~ 'isDirector',
                'is_officer': relationship ~ 'isOfficer',
                'is_ten_percent_owner': relationship ~ 'isTenPercentOwner',
                'is_other': relationship ~ 'isOther',
                'officer_title': relationship ~ 'officerTitle',
                'other_text': relationship ~ 'otherText'
            },
            'line': {
                'transaction_date': 'transactionDate.value',
                'transaction_type': 'transactionCoding.transactionCode',
                'acquired_disposed': amounts ~ 'transactionAcquiredDisposedCode.value',
                'shares': amounts ~ 'transactionShares.value',
                'price': amounts ~ 'transactionPricePerShare.value',
                'value': amounts ~ 'transactionTotalValue.value',
                'ownership_nature': 'ownershipNature.directOrIndirectOwnership.value',
                'security_type': 'securityTitle.value',
                'is_equity_swap': 'transactionCoding.equitySwapInvolved',
                'shares_owned_after': 'postTransactionAmounts.sharesOwnedFollowingTransaction.value'
            },
            'noted_on_ownership': ['ownershipNature.directOrIndirectOwnership.footnoteId', 'ownershipNature.natureOfOwnership.footnoteId'],
            'noted': [
                'securityTitle.footnoteId', 'conversionOrExercisePrice.footnoteId', 'transactionDate.footnoteId', 'deemedExecutionDate.footnoteId',
                'transactionCoding.footnoteId', 'transactionTimeliness.footnoteId', amounts ~ 'transactionShares.footnoteId',
                amounts ~ 'transactionTotalValue.footnoteId', amounts ~ 'transactionPricePerShare.footnoteId',
                amounts ~ 'transactionAcquiredDisposedCode.footnoteId', 'exerciseDate.footnoteId', 'expirationDate.footnoteId',
                underlying ~ 'Title.footnoteId', underlying ~ 'Shares.footnoteId', underlying ~ 'Value.footnoteId'
            ],
            'footnote': {'footnote_id': 'id', 'footnote': 'text'}
        },
        'sec_bulk': {
            'tables': {
                'owners': 'owners',
                'footnotes': 'footnotes',
                'rows': [
                    {'path': 'nonderiv_trans', 'kind': 'nonDerivativeTransaction'},
                    {'path': 'nonderiv_holding', 'kind': 'nonDerivativeHolding'},
                    {'path': 'deriv_trans', 'kind': 'derivativeTransaction'},
                    {'path': 'deriv_holding', 'kind': 'derivativeHolding'}
                ]
            },
            'record': {
                'form_type': 'submission.DOCUMENT_TYPE',
                'schema_version': [],
                'issuer_cik': 'submission.ISSUERCIK',
                'issuer_name': 'submission.ISSUERNAME',
                'raw_ticker': 'submission.ISSUERTRADINGSYMBOL',
                'filing_date': 'submission.FILING_DATE',
                'accepted_at': [],
                'date_of_original_submission': 'submission.DATE_OF_ORIG_SUB',
                'is_10b5_1': 'submission.AFF10B5ONE',
                'file_number': [],
                'remarks': 'submission.REMARKS'
            },
            'owner': {
                'owner_cik': 'RPTOWNERCIK',
                'owner_name': 'RPTOWNERNAME',
                'relationship': 'RPTOWNER_RELATIONSHIP',
                'is_director': [],
                'is_officer': [],
                'is_ten_percent_owner': [],
                'is_other': [],
                'officer_title': 'RPTOWNER_TITLE',
                'other_text': 'RPTOWNER_TXT'
            },
            'line': {
                'transaction_date': 'TRANS_DATE',
                'transaction_type': 'TRANS_CODE',
                'acquired_disposed': 'TRANS_ACQUIRED_DISP_CD',
                'shares': 'TRANS_SHARES',
                'price': 'TRANS_PRICEPERSHARE',
                'value': 'TRANS_TOTAL_VALUE',
                'ownership_nature': 'DIRECT_INDIRECT_OWNERSHIP',
                'security_type': 'SECURITY_TITLE',
                'is_equity_swap': 'EQUITY_SWAP_INVOLVED',
                'shares_owned_after': 'SHRS_OWND_FOLWNG_TRANS'
            },
            'noted_on_ownership': ['DIRECT_INDIRECT_OWNERSHIP_FN', 'NATURE_OF_OWNERSHIP_FN'],
            'noted': [
                'SECURITY_TITLE_FN', 'CONV_EXERCISE_PRICE_FN', 'TRANS_DATE_FN', 'DEEMED_EXECUTION_DATE_FN', 'EQUITY_SWAP_TRANS_CD_FN',
                'TRANS_TIMELINESS_FN', 'TRANS_SHARES_FN', 'TRANS_TOTAL_VALUE_FN', 'TRANS_PRICEPERSHARE_FN', 'TRANS_ACQUIRED_DISP_CD_FN',
                'EXCERCISE_DATE_FN', 'EXPIRATION_DATE_FN', 'UNDLYNG_SEC_TITLE_FN', 'UNDLYNG_SEC_SHARES_FN', 'UNDLYNG_SEC_VALUE_FN'
            ],
            'footnote': {'footnote_id': 'FOOTNOTE_ID', 'footnote': 'FOOTNOTE_TXT'}
        }
    } -%}
    {{ return(parts[archive][part]) }}
{%- endmacro %}

{#- A Central Index Key as EDGAR writes it: ten digits, so that keys sort as numbers do. -#}
{% macro clean_cik(cik) -%}
    case when {{ matches_pattern(cik, "'^[0-9]{1,10}$'") }} then lpad({{ cik }}, 10, '0') else {{ cik }} end
{%- endmacro %}

{#-
    The officer's title in the remarks of a filing whose title says to see them: what stands behind `title:` or `the reporting person is`, or else at
    their beginning, without the remarks behind it, if it reads like a title.
-#}
{% macro title_in_remarks(remarks) -%}
    {%- set person = "([Rr]eporting [Pp]erson|[Uu]ndersigned|[Oo]fficer|He|She|(Mr|Ms|Mrs|Dr)[.] [^ ]+( [A-Z][^ ]*){0,2})" -%}
    {%- set title = namespace(text=remarks) -%}
    {%- for pattern in [
        '^([^\u001f]*?[^A-Za-z])?[Tt](itle|ITLE)[^:;.\n]{0,40}(: *| is )',
        '^(The |the )?' ~ person ~ " (is|serves as|acts as|holds the (title|position|office) of)( also| currently| employed as)? ",
        '^(a |an |the |our |its )*((Issuer|Company|Corporation|Registrant)[^ ]s )?'
    ] -%}
        {%- set title.text = replace_pattern(title.text, pattern, '') -%}
    {%- endfor -%}
    {%- set title.text = extract_pattern(title.text, "'^[^;\\n]+'") -%}
    {%- for pattern in [
        '[ .,(-]*(Exhibit|EXHIBIT|Power of|POWER OF|POA).*$',
        '[.] +(The|This|These|All|Each|See|Includes|Pursuant|Shares|Sales?|Transactions?|Purchases?|Mr|Ms|On|In|As|Reporting|Remarks|Form)[ .:,].*$',
        '[. ]+$'
    ] -%}
        {%- set title.text = replace_pattern(title.text, pattern, '') -%}
    {%- endfor -%}
    {%- set title = trim_text(title.text) -%}
    case
        when
            length({{ title }}) <= 150
            and {{ matches_pattern('lower(' ~ title ~ ')', "'(^|[^a-z])(chief|president|officer|counsel|chair|chairman|chairwoman|treasurer|secretary|director|manager|controller|head|founder|partner|principal|vp|svp|evp|ceo|cfo|coo|cto|cio)([^a-z]|$)'") }}
            and not {{ matches_pattern('lower(' ~ title ~ ')', "'exhibit|attorney|pursuant|disclaim|deemed|reporting person|managing member|beneficial owner|form [345]'") }}
            then {{ title }}
    end
{%- endmacro %}

{#- Whether a box of the relationship is ticked: `flag` in EDGAR's document, where a box left out is not; `word` in the list of the data sets. -#}
{% macro ticked_box(flag, word) -%}
    case
        when archive = 'sec_bulk' then contains(',' || coalesce(relationship, '') || ',', ',{{ word }},')
        when {{ flag }} is null then false
        else {{ parse_boolean(flag) }}
    end
{%- endmacro %}
