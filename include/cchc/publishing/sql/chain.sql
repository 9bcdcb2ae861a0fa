-- Every release in the order of the chain, with what is sealed and the hash of its numbers as they stand now.
select
    r.chain_no,
    r.release_id,
    r.reporting_day,
    r.content_sha256,
    r.sources_expected,
    r.sources_fresh,
    r.previous_sha256,
    r.values_sha256,
    r.chain_sha256,
    v.values_sha256 as values_sha256_now
from publish.release as r
cross join
    lateral (
        -- one line per number, in an order that no setting of the server changes
        select
            encode(sha256(convert_to(coalesce(string_agg(l.line, E'\n' order by l.line collate "C"), ''), 'UTF8')), 'hex')
                as values_sha256
        from (
            select
                jsonb_build_array(
                    i.unit_code, i.set_code, i.indicator_code, i.period_from, i.period_to, i.value, i.numerator,
                    i.denominator, i.printed, i.reason, i.coverage, i.fresh_to
                )::text as line
            from publish.indicator_value as i
            where i.release_id = r.release_id
        ) as l
    ) as v
where r.chain_no between :from_no and coalesce(cast(:to_no as integer), r.chain_no)
order by r.chain_no
