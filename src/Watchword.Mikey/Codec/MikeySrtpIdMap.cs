using System.Collections.ObjectModel;

namespace Watchword.Mikey;

/// <summary>One crypto session of an SRTP-ID map: policy number (1), SSRC (4), ROC (4).</summary>
/// <param name="PolicyNumber">The SP payload that applies, 0 to 255.</param>
/// <param name="Ssrc">The synchronisation source.</param>
/// <param name="Roc">The roll-over counter.</param>
public readonly record struct MikeySrtpSession(int PolicyNumber, uint Ssrc, uint Roc);

/// <summary>SRTP-ID map (RFC 3830 §6.1.1): the session with index n has CS ID n + 1.</summary>
public sealed class MikeySrtpIdMap : MikeyCsIdMap
{
    private const int SessionSizeInBytes = 9;

    /// <summary>Makes a map.</summary>
    /// <param name="sessions">At most 255 sessions.</param>
    /// <exception cref="ArgumentException">More, or a policy number above 255.</exception>
    public MikeySrtpIdMap(IEnumerable<MikeySrtpSession> sessions)
        : this(sessions.ToArray())
    {
        if (Count > byte.MaxValue || Sessions.Any(s => s.PolicyNumber is < 0 or > 255))
        {
            throw new ArgumentException("At most 255 sessions with policy numbers of one octet.", nameof(sessions));
        }
    }

    private MikeySrtpIdMap(MikeySrtpSession[] sessions) => Sessions = new ReadOnlyCollection<MikeySrtpSession>(sessions);

    /// <summary>The sessions in the order of the wire.</summary>
    public IReadOnlyList<MikeySrtpSession> Sessions { get; }

    /// <inheritdoc/>
    public override MikeyCsIdMapType MapType => MikeyCsIdMapType.SrtpId;

    /// <inheritdoc/>
    public override int Count => Sessions.Count;

    /// <inheritdoc/>
    public override int SizeInBytes => Sessions.Count * SessionSizeInBytes;

    /// <summary>A map over sessions that have been checked, which it keeps.</summary>
    internal static MikeySrtpIdMap Wrap(MikeySrtpSession[] sessions) => new(sessions);

    internal static MikeySrtpIdMap? Read(ref OctetReader reader, int count)
    {
        MikeySrtpSession[] sessions = new MikeySrtpSession[count];
        for (int i = 0; i < count && !reader.Failed; i++)
        {
            sessions[i] = new MikeySrtpSession(reader.Octet(), reader.UInt32(), reader.UInt32());
        }

        return reader.Failed ? null : Wrap(sessions);
    }

    internal override void Write(ref OctetWriter writer)
    {
        foreach (MikeySrtpSession session in Sessions)
        {
            writer.Octet((byte)session.PolicyNumber);
            writer.UInt32(session.Ssrc);
            writer.UInt32(session.Roc);
        }
    }
}
