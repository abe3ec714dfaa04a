using System.Security.Cryptography;

namespace Watchword.Mikey;

/// <summary>
/// Key parameters in their general extension (TS 33.180 E.6.1): an MCData protected payload under the key that the message
/// carries, with payload ID and sequence number 0 and the CSB ID as DPPK-ID.
/// </summary>
internal static class KeyParametersProtection
{
    public enum Outcome
    {
        Opened,
        CryptographicFailure,
        Malformed,
    }

    public static MikeyGeneralExtension Protect(byte[] parameters, ReadOnlySpan<byte> secret, uint csbId, DateTimeOffset time)
    {
        using DataPayloadCipherKey key = DataPayloadCipherKey.Derive(secret, csbId);
        long seconds = Math.Clamp(time.ToUnixTimeSeconds(), 0, McDataPayloadHead.MaximumSeconds);
        McDataPayloadHead head = new() { SecondsSince1970 = seconds };
        return new MikeyGeneralExtension(MikeyGeneralExtension.KeyParameters, key.Protect(head, parameters));
    }

    /// <summary>Opens an extension that the signature has been verified over.</summary>
    public static Outcome Unprotect(
        ReadOnlySpan<byte> data,
        ReadOnlySpan<byte> secret,
        uint csbId,
        MikeyTolerances tolerances,
        ref MikeyTolerances used,
        out KeyParameters? parameters)
    {
        parameters = null;
        if (McDataProtectedPayload.TryParse(data, out McDataProtectedPayload? payload))
        {
            return Unprotect(payload, secret, csbId, out parameters);
        }

        // The first octet of a protected payload has a flag that no key type has.
        if (tolerances.HasFlag(MikeyTolerances.KeyParametersInClear))
        {
            used |= MikeyTolerances.KeyParametersInClear;
            parameters = KeyParametersCodec.Read(data, firstType: 1, out _, out _);
        }

        return parameters is null ? Outcome.Malformed : Outcome.Opened;
    }

    private static Outcome Unprotect(
        McDataProtectedPayload payload, ReadOnlySpan<byte> secret, uint csbId, out KeyParameters? parameters)
    {
        parameters = null;
        if (payload.PayloadSizeInBytes > KeyParameters.MaximumSizeInBytes
            || payload.Head is not { MessageType: McDataPayloadHead.DataPayload, PayloadId: 0, SequenceNumber: 0 })
        {
            return Outcome.Malformed;
        }

        using DataPayloadCipherKey key = DataPayloadCipherKey.Derive(secret, csbId);
        byte[] octets = new byte[payload.PayloadSizeInBytes];
        if (!key.TryUnprotect(payload, octets))
        {
            return Outcome.CryptographicFailure;
        }

        parameters = KeyParametersCodec.Read(octets, firstType: 0, out _, out _);
        // Text and groups are meant for members only.
        CryptographicOperations.ZeroMemory(octets);
        return parameters is null ? Outcome.Malformed : Outcome.Opened;
    }
}
