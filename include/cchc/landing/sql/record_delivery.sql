-- The newest pull of the same content wins: it says up to when the content was known to be true, and where it lies. What is
-- loaded or held stays so: the gate judges it anew.
insert into landing.delivery (
    delivery_id,
    unit_code,
    source_code,
    dataset,
    window_from,
    window_to,
    path,
    sha256,
    bytes,
    received,
    refused,
    landed,
    source_total,
    unknown_fields,
    profile_code,
    pulled_at,
    state,
    reason
)
values (
    :delivery_id,
    :unit_code,
    :source_code,
    :dataset,
    :window_from,
    :window_to,
    :path,
    :sha256,
    :bytes,
    :received,
    :refused,
    :landed,
    :source_total,
    :unknown_fields,
    :profile_code,
    :pulled_at,
    :state,
    :reason
)
on conflict (delivery_id) do update
    set
        path = excluded.path,
        bytes = excluded.bytes,
        source_total = excluded.source_total,
        unknown_fields = excluded.unknown_fields,
        profile_code = excluded.profile_code,
        pulled_at = greatest(landing.delivery.pulled_at, excluded.pulled_at)
