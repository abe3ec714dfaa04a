using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;

namespace Watchword.Kms;

/// <summary>Why a prepared key set was not given out but made afresh.</summary>
internal enum PreparedKeyFault
{
    /// <summary>It does not open: another place, another key, or changed octets.</summary>
    NotOpened = 0,

    /// <summary>It opened and did not pass the self-check.</summary>
    Unsound = 1,

    /// <summary>It was prepared for another requester.</summary>
    Moved = 2,
}

/// <summary>What preparing ahead measures, on the meter of <see cref="IssuanceInstruments.SourceName"/>. No tag names
/// anybody.</summary>
public sealed class PreparationInstruments
{
    private readonly Counter<long> _prepared;
    private readonly Counter<long> _taken;
    private readonly Counter<long> _discarded;
    private readonly Counter<long> _erased;

    /// <summary>Instruments of one host.</summary>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The factory owns the meter.")]
    public PreparationInstruments(IMeterFactory meters)
    {
        Meter meter = meters.Create(IssuanceInstruments.SourceName);
        _prepared = meter.CreateCounter<long>(
            "watchword.kms.prepared.stored", "{key_set}", "Key sets made ahead and stored sealed.");
        _taken = meter.CreateCounter<long>(
            "watchword.kms.prepared.taken", "{key_set}", "Key sets given out that had been made ahead.");
        _discarded = meter.CreateCounter<long>(
            "watchword.kms.prepared.discarded", "{key_set}", "Key sets made ahead that were of no use, and made afresh.");
        _erased = meter.CreateCounter<long>(
            "watchword.kms.prepared.erased", "{key_set}", "Key sets made ahead that were erased at the end of their time.");
    }

    internal void Prepared(int count) => _prepared.Add(count);

    internal void Taken(int count) => _taken.Add(count);

    internal void Erased(long count) => _erased.Add(count);

    internal void Discarded(PreparedKeyFault fault) => _discarded.Add(1, new KeyValuePair<string, object?>("reason", fault switch
    {
        PreparedKeyFault.NotOpened => "not_opened",
        PreparedKeyFault.Unsound => "unsound",
        _ => "moved",
    }));
}
