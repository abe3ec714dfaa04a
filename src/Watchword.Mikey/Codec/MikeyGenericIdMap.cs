using System.Collections.ObjectModel;

namespace Watchword.Mikey;

/// <summary>
/// One crypto session of a GENERIC-ID map: CS ID (1), protocol 0 = SRTP (1), S flag and number of policies (1), policy numbers,
/// session data length (2), session data, SPI length (1), SPI.
/// </summary>
/// <param name="CsId">The CS ID, see <see cref="McCryptoSession"/>.</param>
/// <param name="SessionFlag">The S bit, whose meaning belongs to the session data.</param>
/// <param name="Policies">Policy numbers in order of preference, at most 127.</param>
/// <param name="SessionData">At most 65535 octets; may be empty.</param>
/// <param name="Spi">At most 255 octets; in TS 33.180 the key identifiers.</param>
public sealed record MikeyGenericSession(
    int CsId, bool SessionFlag, ReadOnlyMemory<byte> Policies, ReadOnlyMemory<byte> SessionData, ReadOnlyMemory<byte> Spi)
{
    internal int SizeInBytes => 6 + Policies.Length + SessionData.Length + Spi.Length;

    internal bool IsValid =>
        CsId is >= 0 and <= 255 && Policies.Length <= 127 && SessionData.Length <= ushort.MaxValue && Spi.Length <= 255;
}

/// <summary>GENERIC-ID map (RFC 6043 §6.1.1) of at least one crypto session.</summary>
public sealed class MikeyGenericIdMap : MikeyCsIdMap
{
    private const byte Srtp = 0;
    private const byte SessionFlag = 0x80;

    /// <summary>Makes a map.</summary>
    /// <param name="sessions">1 to 255 sessions with different CS IDs.</param>
    /// <exception cref="ArgumentException">Another number, a CS ID twice, or a field too long.</exception>
    public MikeyGenericIdMap(IEnumerable<MikeyGenericSession> sessions)
        : this(sessions.ToArray())
    {
        if (Count is 0 or > byte.MaxValue || Sessions.Any(s => !s.IsValid) || Sessions.DistinctBy(s => s.CsId).Count() != Count)
        {
            throw new ArgumentException("1 to 255 sessions with different CS IDs and fields that fit.", nameof(sessions));
        }
    }

    private MikeyGenericIdMap(MikeyGenericSession[] sessions) => Sessions = new ReadOnlyCollection<MikeyGenericSession>(sessions);

    /// <summary>The sessions in the order of the wire.</summary>
    public IReadOnlyList<MikeyGenericSession> Sessions { get; }

    /// <inheritdoc/>
    public override MikeyCsIdMapType MapType => MikeyCsIdMapType.GenericId;

    /// <inheritdoc/>
    public override int Count => Sessions.Count;

    /// <inheritdoc/>
    public override int SizeInBytes => Sessions.Sum(s => s.SizeInBytes);

    /// <summary>A map over sessions that have been checked, which it keeps.</summary>
    internal static MikeyGenericIdMap Wrap(MikeyGenericSession[] sessions) => new(sessions);

    internal static MikeyGenericIdMap? Read(ref OctetReader reader, int count)
    {
        MikeyGenericSession[] sessions = new MikeyGenericSession[count];
        OctetSet seen = default;
        for (int i = 0; i < count && !reader.Failed; i++)
        {
            int offset = reader.Offset;
            sessions[i] = ReadSession(ref reader);
            reader.Require(seen.Add((byte)sessions[i].CsId), MikeyFormatReason.Duplicate, offset);
        }

        return reader.Failed ? null : Wrap(sessions);
    }

    internal override void Write(ref OctetWriter writer)
    {
        foreach (MikeyGenericSession session in Sessions)
        {
            writer.Octet((byte)session.CsId);
            writer.Octet(Srtp);
            writer.Octet((byte)((session.SessionFlag ? SessionFlag : 0) | session.Policies.Length));
            writer.Octets(session.Policies.Span);
            writer.UInt16(session.SessionData.Length);
            writer.Octets(session.SessionData.Span);
            writer.Octet((byte)session.Spi.Length);
            writer.Octets(session.Spi.Span);
        }
    }

    private static MikeyGenericSession ReadSession(ref OctetReader reader)
    {
        byte csId = reader.Octet();
        int protocolOffset = reader.Offset;
        reader.Require(reader.Octet() == Srtp, MikeyFormatReason.UndefinedValue, protocolOffset);
        byte flags = reader.Octet();
        ReadOnlyMemory<byte> policies = reader.Take(flags & ~SessionFlag);
        ReadOnlyMemory<byte> data = reader.Take(reader.UInt16());
        ReadOnlyMemory<byte> spi = reader.Take(reader.Octet());
        return new MikeyGenericSession(csId, (flags & SessionFlag) != 0, policies, data, spi);
    }
}
