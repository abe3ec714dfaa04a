using Watchword.Client;
using Watchword.Mikey;
using Watchword.ResourceServers.Keys;
using Watchword.ResourceServers.Mcx.Bodies;
using Watchword.ResourceServers.Mcx.Configuration;
using Watchword.ResourceServers.Mcx.Storage;
using Watchword.ResourceServers.Sip;
using Watchword.ResourceServers.Storage;
using Watchword.Sip;

namespace Watchword.ResourceServers.Mcx.Downloads;

/// <summary>Sends one key to one client by MESSAGE through the SIP core (TS 33.180 5.8; RFC 3428).</summary>
internal sealed class DownloadSender(EntityKeyRing ring, KeyVault vault, SipHost sip, McxSettings settings)
{
    /// <summary>Sends it, with a MIKEY message of its own at each attempt.</summary>
    /// <returns>The status of the final response; null if none came or the server has no keys to sign with.</returns>
    public async Task<int?> SendAsync(KeyDownloadRow row, string impu, CancellationToken cancellationToken)
    {
        if (Compose(row) is not { } message || settings.Find(row.Service) is not { } service)
        {
            return null;
        }

        SipUri user = SipUri.Parse(impu);
        SipUri server = SipUri.Parse(service.Psis[0]);
        SipRequest request = SipRequest.CreateMessage(user, server, user);
        request.Headers.Add(SipHeaderNames.PAssertedIdentity, new SipAddress(server).ToString());
        request.Headers.Add(SipHeaderNames.PAssertedService, service.Names.Icsi);
        request.Headers.Add(
            SipHeaderNames.AcceptContact,
            $"*;+g.3gpp.icsi-ref=\"{service.Names.IcsiReference}\";require;explicit");
        SipBody.Write(request, SipBodyPart.Create(ServiceBody.MikeyMediaType, message));
        try
        {
            return (await sip.SendToCoreAsync(request, cancellationToken)).StatusCode;
        }
        catch (SipSendException)
        {
            return null;
        }
    }

    private ReadOnlyMemory<byte>? Compose(KeyDownloadRow row)
    {
        uint keyId = (uint)row.KeyId;
        using MikeyKey? key = row.Key is { } whole
            ? vault.TryOpen(whole, new KeyOwner(row.Service, row.ServiceId, row.ClientId), keyId)
            : null;
        if (key is null || ring.Primary.Exchange is not { } exchange)
        {
            return null;
        }

        KeyDistribution distribution = key.Purpose == KeyPurpose.Csk ? KeyDistribution.CskDownload : KeyDistribution.Musik;
        ServiceKeyTerms terms = new() { GroupIds = row.Groups.Split('\n', StringSplitOptions.RemoveEmptyEntries) };
        try
        {
            return exchange.Compose(distribution, key, [row.ServiceId], terms).Messages[0].Octets;
        }
        catch (WatchwordClientException)
        {
            // Keys of the next period are on their way, or the user's domain is not known yet: tried again like a lost message.
            return null;
        }
    }
}
