using System.Globalization;
using Watchword.Client;
using Watchword.Mikey;

namespace Watchword.Lab.Walk;

/// <summary>Keys of the services on top of identity keys: a GMK for three, a CSK up, a MuSiK down, a revocation.</summary>
internal sealed class ServiceKeyWalk(WalkRunner runner, LabServers servers, LabDescription lab, string scratch, TimeProvider time)
{
    private const string Group = "sip:rescue@" + LabDomain.IdentityDomain;

    private LabEntity GroupServer => lab.Entities["group-management-server"];

    private LabEntity McxServer => lab.Entities["mcx-server"];

    private ServiceKeyExchangeOptions Trust => new() { GroupManagementServers = [GroupServer.Uri], McxServers = [McxServer.Uri] };

    public async Task RunAsync(WalkProfile dispatcher, WalkProfile medic, WalkProfile courier, CancellationToken cancellation)
    {
        using WalkProfile groupServer = await EntityAsync("walk-gms", GroupServer, cancellation);
        using WalkProfile mcxServer = await EntityAsync("walk-mcx", McxServer, cancellation);
        await ShareAsync(groupServer, [dispatcher, medic, courier], cancellation);
        await UploadAsync(dispatcher, mcxServer);
        await DownloadAsync(mcxServer, dispatcher);
        await RevokeAsync(groupServer, [dispatcher, medic, courier]);
    }

    private Task ShareAsync(WalkProfile groupServer, WalkProfile[] members, CancellationToken cancellation) => runner.StepAsync(
        "the group management server hands a GMK to a group of three in two domains", "TS 33.180 5.7, 5.2.3, E.2", async facts =>
        {
            await KeyEntityAsync(groupServer, GroupServer, cancellation);
            await groupServer.Keys.FetchPartnerCertificatesAsync(cancellation);
            string foreign = await groupServer.Keys.FindDomainAsync(UriOf(members[2]), cancellation);
            facts.Require(foreign == lab.PartnerKmsUri, $"{UriOf(members[2])} is keyed by {foreign}");
            MadeServiceKey made = Exchange(groupServer).CreateGroupKey(
                Group, [.. members.Select(UriOf)], new ServiceKeyTerms { Text = "rescue" });
            Note(made);
            facts.Add($"GMK-ID {Hex(made.Key.KeyId)} for {Group}, a message for each member");
            List<ServiceKeyInfo> held = [];
            foreach ((WalkProfile member, ServiceKeyMessage message) in members.Zip(made.Messages))
            {
                ServiceKeyInfo key = Exchange(member).Open(message.Octets.Span).Key;
                held.Add(key);
                facts.Require(
                    key.KeyId == made.Key.KeyId,
                    $"{member.Name} sees it as GUK-ID {Hex(key.UserKeyId)}, signed by {key.InitiatorUri}");
            }

            int identifiers = held.Select(k => k.UserKeyId).Distinct().Count();
            facts.Require(identifiers == members.Length, "each under an identifier of his own");
            facts.Require(HearTheSame(members, held), "what dispatcher says, all three have the SRTP master key and salt of");
        });

    private Task UploadAsync(WalkProfile dispatcher, WalkProfile mcxServer) => runner.StepAsync(
        "dispatcher uploads a CSK to the MCX server", "TS 33.180 5.4, E.4", async facts =>
        {
            await KeyEntityAsync(mcxServer, McxServer, CancellationToken.None);
            MadeServiceKey made = Exchange(dispatcher).UploadCsk(McxServer.Uri);
            Note(made);
            ServiceKeyReceipt receipt = Exchange(mcxServer).Open(made.Messages[0].Octets.Span);
            facts.Require(
                receipt.Key.KeyId == made.Key.KeyId && receipt.Key.PeerUri == UriOf(dispatcher),
                $"CSK-ID {Hex(made.Key.KeyId)}: the server holds it for {receipt.Key.PeerUri}");
            using MikeyKey ours = dispatcher.Store.OpenServiceKey(made.Key);
            using MikeyKey theirs = mcxServer.Store.OpenServiceKey(receipt.Key);
            using SrtpKeys control = ours.DeriveSrtpKeys(McCryptoSession.CskMcpttSrtcp);
            using SrtpKeys expected = theirs.DeriveSrtpKeys(McCryptoSession.CskMcpttSrtcp);
            facts.Require(SrtpComparison.AreEqual(control, expected), "both derive the same SRTCP keys for floor control");
        });

    private Task DownloadAsync(WalkProfile mcxServer, WalkProfile dispatcher) => runner.StepAsync(
        "the MCX server hands dispatcher a MuSiK", "TS 33.180 5.8, E.4", facts =>
        {
            MadeServiceKey made = Exchange(mcxServer).Create(
                KeyDistribution.Musik, [UriOf(dispatcher)], new ServiceKeyTerms { GroupIds = [Group] });
            Note(made);
            ServiceKeyInfo key = Exchange(dispatcher).Open(made.Messages[0].Octets.Span).Key;
            ServiceKeyInfo? sending = dispatcher.Store.FindSendingKey(
                ServiceKeyScope.ForGroup(UriOf(dispatcher), Group, KeyPurpose.Musik));
            facts.Require(
                sending?.KeyId == made.Key.KeyId && key.InitiatorUri == McxServer.Uri,
                $"MuSiK-ID {Hex(key.KeyId)} for the multicast control of {Group}");
            byte[] forged = [.. Exchange(mcxServer).Create(KeyDistribution.Gmk, [UriOf(dispatcher)]).Messages[0].Octets.Span];
            facts.Require(
                Fault(() => Exchange(dispatcher).Open(forged)) == ClientFault.InitiatorNotAllowed, "a GMK from it is refused");
            return Task.CompletedTask;
        });

    private Task RevokeAsync(WalkProfile groupServer, WalkProfile[] members) => runner.StepAsync(
        "the GMK is revoked and nobody uses it again", "TS 33.180 5.7, E.6.1: status", facts =>
        {
            ServiceKeyExchange server = Exchange(groupServer);
            ServiceKeyInfo key = groupServer.Store.ServiceKeys.Single(k => k.GroupIds.Contains(Group));
            MadeServiceKey late = server.Repeat(key, [.. members.Select(UriOf)]);
            MadeServiceKey revocation = server.Revoke(key, [.. members.Select(UriOf)]);
            Note(revocation);
            Note(late);
            for (int i = 0; i < members.Length; i++)
            {
                WalkProfile member = members[i];
                ServiceKeyReceipt receipt = Exchange(member).Open(revocation.Messages[i].Octets.Span);
                ServiceKeyReceipt again = Exchange(member).Open(late.Messages[i].Octets.Span);
                facts.Require(
                    receipt.Change == ServiceKeyChange.Revoked && again.Change == ServiceKeyChange.Unchanged
                        && member.Store.FindReceivingKeys(key.KeyId).Count == 0
                        && Fault(() => member.Store.OpenServiceKey(receipt.Key)) == ClientFault.ServiceKeyEnded,
                    $"{member.Name}: wiped, and a message that brings it again changes nothing");
            }

            return Task.CompletedTask;
        });

    /// <summary>What is handed out goes into the capture, in the order in which it is opened.</summary>
    private void Note(MadeServiceKey made)
    {
        foreach (ServiceKeyMessage message in made.Messages)
        {
            runner.Capture?.Add(made.Key.OwnerUri, message.ReceiverUri, message.Octets.Span);
        }
    }

    private static bool HearTheSame(WalkProfile[] members, List<ServiceKeyInfo> held)
    {
        List<SrtpKeys> derived = [];
        try
        {
            foreach ((WalkProfile member, ServiceKeyInfo key) in members.Zip(held))
            {
                using MikeyKey opened = member.Store.OpenServiceKey(key);
                derived.Add(opened.DeriveSrtpKeys(McCryptoSession.McpttGroup, held[0].UserKeyId));
            }

            return derived.TrueForAll(keys => SrtpComparison.AreEqual(keys, derived[0]));
        }
        finally
        {
            derived.ForEach(keys => keys.Dispose());
        }
    }

    private static string Hex(uint? id) => id?.ToString("X8", CultureInfo.InvariantCulture) ?? "none";

    private static ClientFault? Fault(Action act)
    {
        try
        {
            act();
            return null;
        }
        catch (WatchwordClientException refusal)
        {
            return refusal.Fault;
        }
    }

    private Task<WalkProfile> EntityAsync(string name, LabEntity entity, CancellationToken cancellation) =>
        WalkProfile.CreateAsync(name, scratch, servers, time, entity, cancellation: cancellation);

    private static async Task KeyEntityAsync(WalkProfile profile, LabEntity entity, CancellationToken cancellation)
    {
        await profile.Tokens.LogInEntityAsync(entity.Uri, cancellation);
        await profile.Keys.InitializeAsync(cancellation);
        await profile.Keys.ProvisionAsync(cancellationToken: cancellation);
    }

    private ServiceKeyExchange Exchange(WalkProfile profile) => new(profile.Store, time, Trust);

    private string UriOf(WalkProfile profile) => lab.Users[profile.Name].McpttId!;
}
