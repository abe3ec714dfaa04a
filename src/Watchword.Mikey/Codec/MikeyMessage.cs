using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Watchword.Mikey;

/// <summary>
/// A MIKEY-SAKKE I_MESSAGE (RFC 6509 §2.1, TS 33.180 E.1): typed payloads over the octets as they came, so that a signature covers
/// exactly what was received. The codec knows no cryptography: a message that parses is well formed, not authentic.
/// </summary>
public sealed class MikeyMessage
{
    /// <summary>The longest message that is read: far above a real one (about 600 octets), and small enough to hold.</summary>
    public const int MaximumSizeInBytes = 65_535;

    private readonly byte[] _octets;
    private readonly MikeyPayload[] _payloads;

    internal MikeyMessage(byte[] octets, MikeyHeader header, MikeyPayload[] payloads)
    {
        _octets = octets;
        _payloads = payloads;
        Header = header;
        Payloads = new ReadOnlyCollection<MikeyPayload>(payloads);
        Timestamp = (MikeyTimestamp)payloads[0];
        Random = (MikeyRandom)payloads[1];
        Sakke = (MikeySakke)Array.Find(payloads, static payload => payload is MikeySakke)!;
        Signature = (MikeySignature)payloads[^1];
    }

    /// <summary>The whole message as received.</summary>
    public ReadOnlyMemory<byte> Octets => _octets;

    /// <summary>
    /// What the signature covers: everything before the signature octets, signature type and length included (RFC 3830 §5.2).
    /// </summary>
    public ReadOnlyMemory<byte> SignedOctets => _octets.AsMemory(0, _octets.Length - MikeySignature.ValueSizeInBytes);

    /// <summary>HDR.</summary>
    public MikeyHeader Header { get; }

    /// <summary>The payloads after HDR in the order of the wire.</summary>
    public IReadOnlyList<MikeyPayload> Payloads { get; }

    /// <summary>T.</summary>
    public MikeyTimestamp Timestamp { get; }

    /// <summary>RAND.</summary>
    public MikeyRandom Random { get; }

    /// <summary>SAKKE.</summary>
    public MikeySakke Sakke { get; }

    /// <summary>SIGN.</summary>
    public MikeySignature Signature { get; }

    /// <summary>The purpose of the key, from the 4 most significant bits of the CSB ID (TS 33.180 5.2.2); 7 to 15 are undefined.</summary>
    public KeyPurpose Purpose => (KeyPurpose)(Header.CsbId >> 28);

    /// <summary>The identity in a role, or null.</summary>
    /// <param name="role">The role.</param>
    public MikeyIdentity? FindIdentity(MikeyIdentityRole role)
    {
        foreach (MikeyPayload payload in _payloads)
        {
            if (payload is MikeyIdentity identity && identity.Role == role)
            {
                return identity;
            }
        }

        return null;
    }

    /// <summary>The first general extension of a type, or null.</summary>
    /// <param name="extensionType">For instance <see cref="MikeyGeneralExtension.KeyParameters"/>.</param>
    public MikeyGeneralExtension? FindExtension(int extensionType)
    {
        foreach (MikeyPayload payload in _payloads)
        {
            if (payload is MikeyGeneralExtension extension && extension.ExtensionType == extensionType)
            {
                return extension;
            }
        }

        return null;
    }

    /// <summary>The SP payload with a number, or null.</summary>
    /// <param name="policyNumber">The number by which crypto sessions refer to it.</param>
    public MikeySecurityPolicy? FindPolicy(int policyNumber)
    {
        foreach (MikeyPayload payload in _payloads)
        {
            if (payload is MikeySecurityPolicy policy && policy.PolicyNumber == policyNumber)
            {
                return policy;
            }
        }

        return null;
    }

    /// <summary>Reads a message that fills <paramref name="source"/> exactly.</summary>
    /// <param name="source">The octets; they are copied.</param>
    /// <param name="tolerances">
    /// Departures of peers to accept; only <see cref="MikeyTolerances.SignatureLengthAsPrinted"/> concerns the format.
    /// </param>
    /// <exception cref="MikeyFormatException">The octets are not an I_MESSAGE.</exception>
    public static MikeyMessage Parse(ReadOnlySpan<byte> source, MikeyTolerances tolerances = MikeyTolerances.None)
    {
        MikeyMessage? message = Read(source, tolerances, out MikeyFormatReason reason, out int offset);
        if (message is null)
        {
            MikeyFormatException.Throw(reason, offset);
        }

        return message;
    }

    /// <summary>Reads a message that fills <paramref name="source"/> exactly; false if it is none.</summary>
    /// <param name="source">The octets; they are copied.</param>
    /// <param name="message">The message.</param>
    /// <param name="tolerances">Departures of peers to accept.</param>
    public static bool TryParse(
        ReadOnlySpan<byte> source, [NotNullWhen(true)] out MikeyMessage? message, MikeyTolerances tolerances = MikeyTolerances.None)
    {
        message = Read(source, tolerances, out _, out _);
        return message is not null;
    }

    /// <summary>Writes a message; next-payload octets and lengths are filled in.</summary>
    /// <param name="header">HDR.</param>
    /// <param name="payloads">T, RAND, ..., SIGN.</param>
    /// <returns>The octets, which <see cref="Parse"/> accepts.</returns>
    /// <exception cref="ArgumentException">A payload is missing, doubled or out of order, or the message is too long.</exception>
    public static byte[] Encode(MikeyHeader header, IReadOnlyList<MikeyPayload> payloads)
    {
        MikeyStructure structure = default;
        foreach (MikeyPayload payload in payloads)
        {
            MikeyFormatReason reason = structure.Add(payload);
            if (reason != MikeyFormatReason.None)
            {
                throw new ArgumentException($"Payload {payload.PayloadType}: {reason}.", nameof(payloads));
            }
        }

        int size = header.SizeInBytes + payloads.Sum(payload => payload.SizeInBytes);
        if (!structure.IsComplete || size > MaximumSizeInBytes)
        {
            throw new ArgumentException("A mandatory payload is missing, or the message is too long.", nameof(payloads));
        }

        byte[] octets = new byte[size];
        OctetWriter writer = new(octets);
        header.Write(ref writer, (byte)payloads[0].PayloadType);
        for (int i = 0; i < payloads.Count; i++)
        {
            payloads[i].Write(ref writer, i + 1 < payloads.Count ? (byte)payloads[i + 1].PayloadType : (byte)0);
        }

        return octets;
    }

    /// <summary>Reads without an exception, so that refusing a hostile message stays cheap; null with reason and offset.</summary>
    internal static MikeyMessage? Read(ReadOnlySpan<byte> source, MikeyTolerances tolerances, out MikeyFormatReason reason, out int offset)
    {
        if (source.Length > MaximumSizeInBytes)
        {
            reason = MikeyFormatReason.TooLong;
            offset = MaximumSizeInBytes;
            return null;
        }

        byte[] octets = source.ToArray();
        OctetReader reader = new(octets);
        MikeyHeader? header = MikeyHeader.Read(ref reader, out byte next);
        PayloadBuffer payloads = default;
        MikeyStructure structure = default;
        while (!reader.Failed && !structure.IsEnded)
        {
            int start = reader.Offset;
            MikeyPayload? payload = ReadPayload(ref reader, next, tolerances, out next);
            if (payload is not null)
            {
                MikeyFormatReason fault = structure.Add(payload);
                reader.Require(fault == MikeyFormatReason.None, fault, start);
                if (!reader.Failed)
                {
                    payloads[structure.Count - 1] = payload;
                }
            }
        }

        reader.Require(reader.Remaining == 0, MikeyFormatReason.TrailingOctets, reader.Offset);
        reader.Require(structure.IsComplete, MikeyFormatReason.MissingPayload, reader.Offset);
        (reason, offset) = (reader.Reason, reader.FaultOffset);
        Span<MikeyPayload> read = payloads;
        return reader.Failed ? null : new MikeyMessage(octets, header!, read[..structure.Count].ToArray());
    }

    private static MikeyPayload? ReadPayload(ref OctetReader reader, byte type, MikeyTolerances tolerances, out byte next)
    {
        next = 0;
        switch ((MikeyPayloadType)type)
        {
            case MikeyPayloadType.Timestamp:
                return MikeyTimestamp.Read(ref reader, out next);
            case MikeyPayloadType.Random:
                return MikeyRandom.Read(ref reader, out next);
            case MikeyPayloadType.Identity:
                return MikeyIdentity.Read(ref reader, out next);
            case MikeyPayloadType.SecurityPolicy:
                return MikeySecurityPolicy.Read(ref reader, out next);
            case MikeyPayloadType.Sakke:
                return MikeySakke.Read(ref reader, out next);
            case MikeyPayloadType.GeneralExtension:
                return MikeyGeneralExtension.Read(ref reader, out next);
            case MikeyPayloadType.Signature:
                return MikeySignature.Read(ref reader, tolerances);
            default:
                // Next payload 0 ends an unsigned message: what is missing is the signature.
                reader.Require(
                    false, type == 0 ? MikeyFormatReason.MissingPayload : MikeyFormatReason.UnknownPayload, reader.Offset);
                return null;
        }
    }

    // Payloads as they are read; the message gets an array of exactly their number.
    [InlineArray(MikeyStructure.MaximumPayloads)]
    private struct PayloadBuffer
    {
        private MikeyPayload _first;
    }
}
