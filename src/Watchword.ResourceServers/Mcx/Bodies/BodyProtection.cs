using Watchword.Client;
using Watchword.McServices;
using Watchword.McServices.Info;
using Watchword.Mikey;
using Watchword.ResourceServers.Mcx.Configuration;

namespace Watchword.ResourceServers.Mcx.Bodies;

/// <summary>A CSK that a binding holds, and the MC service ID that it belongs to.</summary>
internal sealed record BoundCsk(MikeyKey Key, string ServiceId) : IDisposable
{
    /// <summary>Erases the key.</summary>
    public void Dispose() => Key.Dispose();
}

/// <summary>
/// Takes the protection off bodies (TS 24.379 7.3.1, 6.6; TS 33.180 9.3): CSK, signature, decryption, in this order. What is used
/// afterwards is what the signature covers. Steps 3 to 5 of docs/flows/service-authorisation.md.
/// </summary>
internal sealed class BodyProtection(CskOpening opening, McxSettings settings)
{
    /// <summary>Takes it off.</summary>
    /// <param name="bodies">The bodies of one service, an info body among them.</param>
    /// <param name="names">The service.</param>
    /// <param name="hiddenInitiator">Reads the MC service ID of a token in clear, before it is judged; null if there is
    /// none.</param>
    /// <param name="bound">Finds a CSK that was uploaded before, by its CSK-ID.</param>
    public async Task<RevealedBodies> RevealAsync(
        ServiceBodies bodies, McServiceNames names, Func<string, string?> hiddenInitiator, Func<uint, Task<BoundCsk?>> bound)
    {
        McInfo raw;
        BodySignatures? signatures;
        try
        {
            raw = McInfo.Parse(bodies.Info!.Content, names);
            signatures = bodies.FindSignatures();
        }
        catch (McServicesFormatException)
        {
            return RevealedBodies.Not(RevealFault.Malformed);
        }

        if (settings.RequireProtection && signatures is null)
        {
            return RevealedBodies.Not(RevealFault.NotIntact);
        }

        if (settings.RequireProtection && IsClear(raw.AccessToken, raw.RequestUri, raw.ClientId))
        {
            return RevealedBodies.Not(RevealFault.NotDecrypted);
        }

        uint? keyId = signatures?.XpkId ?? EncryptedUnder(bodies);
        if (!bodies.TryFindCsk(keyId, out MikeyMessage? message, out ReadOnlyMemory<byte> octets))
        {
            return RevealedBodies.Not(RevealFault.CskRefused);
        }

        string? initiator = raw.AccessToken is { IsEncrypted: false } token ? hiddenInitiator(token.Value) : null;
        CskReceipt? receipt = message is null ? null : opening.Open(message, octets, initiator);
        if (receipt is { Fault: not RevealFault.None })
        {
            return new RevealedBodies { Fault = receipt.Fault, Redirect = receipt.Redirect };
        }

        using BoundCsk? held = receipt is null && keyId is { } named ? await bound(named) : null;
        using XmlProtectionKeys? keys = receipt?.Key is { } taken
            ? XmlProtectionKeys.Derive(taken.Key, taken.Info.InitiatorUri, settings.XpkIdForm)
            : held is null ? null : XmlProtectionKeys.Derive(held.Key, held.ServiceId, settings.XpkIdForm);
        RevealedBodies revealed = Reveal(bodies, names, raw, signatures, keys, receipt?.Key);
        if (revealed.Fault != RevealFault.None)
        {
            receipt?.Key?.Dispose();
        }

        return revealed;
    }

    private static RevealedBodies Reveal(
        ServiceBodies bodies, McServiceNames names, McInfo raw, BodySignatures? signatures, XmlProtectionKeys? keys,
            Client.TakenServiceKey? csk)
    {
        (ReadOnlyMemory<byte> info, ReadOnlyMemory<byte>? published) = (bodies.Info!.Content, bodies.Settings?.Content);
        try
        {
            if (signatures is not null)
            {
                if (keys is null || bodies.SignedBodies() is not { } signed
                    || !signatures.TryVerify(
                        signed, keys.Integrity, out IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? verified, out _))
                {
                    return RevealedBodies.Not(RevealFault.NotIntact);
                }

                info = verified[bodies.Info.ContentId!];
                published = bodies.Settings is { } body ? verified[body.ContentId!] : null;
            }

            McInfo clear = raw;
            if (raw.HasEncryptedValues)
            {
                if (keys is null || !McInfo.TryDecrypt(info, keys.Confidentiality, out McInfo? decrypted, names))
                {
                    return RevealedBodies.Not(RevealFault.NotDecrypted);
                }

                clear = decrypted;
            }
            else if (signatures is not null)
            {
                clear = McInfo.Parse(info, names);
            }

            return new RevealedBodies { Info = clear, Settings = published, Csk = csk, ProtectedFor = keys?.UserUri };
        }
        catch (McServicesFormatException)
        {
            // What was encrypted is no content of such a body: like every failure of decryption.
            return RevealedBodies.Not(raw.HasEncryptedValues ? RevealFault.NotDecrypted : RevealFault.Malformed);
        }
    }

    private static bool IsClear(params McInfoValue?[] values) => values.Any(value => value is { IsEncrypted: false });

    private static uint? EncryptedUnder(ServiceBodies bodies)
    {
        try
        {
            return ConfidentialXml.Parse(bodies.Info!.Content).XpkId;
        }
        catch (McServicesFormatException)
        {
            return null;
        }
    }
}
