namespace Watchword.Mikey;

/// <summary>The types of a T payload (RFC 3830 §6.6).</summary>
public enum MikeyTimestampType
{
    /// <summary>NTP in UTC, 64 bits: the only type that TS 33.180 uses (E.1.2).</summary>
    NtpUtc = 0,

    /// <summary>NTP, 64 bits.</summary>
    Ntp = 1,

    /// <summary>A counter of 32 bits.</summary>
    Counter = 2,
}

/// <summary>
/// T: next payload (1), type (1), value (8; 4 for a counter). RFC 3830 §6.6.
/// </summary>
public sealed class MikeyTimestamp : MikeyPayload
{
    /// <summary>Makes a T payload from its type and value.</summary>
    /// <param name="type">How to read <paramref name="value"/>.</param>
    /// <param name="value">NTP: seconds since 1900 in the upper, the fraction in the lower 32 bits. Counter: at most 32 bits.</param>
    /// <exception cref="ArgumentOutOfRangeException">Unknown type, or a counter above 32 bits.</exception>
    public MikeyTimestamp(MikeyTimestampType type, ulong value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)type, (uint)MikeyTimestampType.Counter, nameof(type));
        if (type == MikeyTimestampType.Counter)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, uint.MaxValue);
        }

        TimestampType = type;
        Value = value;
    }

    /// <summary>How to read <see cref="Value"/>.</summary>
    public MikeyTimestampType TimestampType { get; }

    /// <summary>The value: a 64-bit NTP timestamp, or a counter.</summary>
    public ulong Value { get; }

    /// <inheritdoc/>
    public override MikeyPayloadType PayloadType => MikeyPayloadType.Timestamp;

    /// <inheritdoc/>
    public override int SizeInBytes => TimestampType == MikeyTimestampType.Counter ? 6 : 10;

    /// <summary>An NTP-UTC timestamp of a time, with its fraction of a second.</summary>
    /// <param name="time">Any time from 1900 on; NTP seconds wrap every 2^32 seconds.</param>
    public static MikeyTimestamp FromDateTimeOffset(DateTimeOffset time) =>
        new(MikeyTimestampType.NtpUtc, NtpTime.FromDateTimeOffset(time));

    /// <summary>The time of an NTP-UTC value, in the NTP era that brings it nearest to <paramref name="near"/>.</summary>
    /// <param name="near">The local time.</param>
    /// <exception cref="InvalidOperationException">The type is not NTP-UTC.</exception>
    public DateTimeOffset ToDateTimeOffset(DateTimeOffset near) => TimestampType == MikeyTimestampType.NtpUtc
        ? NtpTime.ToDateTimeOffset(Value, near)
        : throw new InvalidOperationException("Only an NTP-UTC timestamp is a time.");

    internal static MikeyTimestamp? Read(ref OctetReader reader, out byte nextPayload)
    {
        nextPayload = reader.Octet();
        int typeOffset = reader.Offset;
        byte type = reader.Octet();
        reader.Require(type <= (byte)MikeyTimestampType.Counter, MikeyFormatReason.UndefinedValue, typeOffset);
        ulong value = type == (byte)MikeyTimestampType.Counter ? reader.UInt32() : reader.UInt64();
        return reader.Failed ? null : new MikeyTimestamp((MikeyTimestampType)type, value);
    }

    internal override void Write(ref OctetWriter writer, byte nextPayload)
    {
        writer.Octet(nextPayload);
        writer.Octet((byte)TimestampType);
        if (TimestampType == MikeyTimestampType.Counter)
        {
            writer.UInt32((uint)Value);
        }
        else
        {
            writer.UInt64(Value);
        }
    }
}
