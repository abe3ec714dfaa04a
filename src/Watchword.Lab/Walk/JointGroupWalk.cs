using System.Globalization;
using Watchword.Client;
using Watchword.McServices.Groups;
using Watchword.McServices.Info;
using Watchword.Mikey;

namespace Watchword.Lab.Walk;

/// <summary>Who is in the group of the other domain: its owner, a guest who is migrated, and one who is not.</summary>
internal sealed record JointGroup(WalkProfile Ranger, GuestProfile Migrated, GuestProfile Visiting);

/// <summary>A group that is at home in the other domain, with guests in it (TS 33.180 5.1.4 a, 5.7; TS 24.481).</summary>
internal sealed class JointGroupWalk(WalkRunner runner, RunningLab lab)
{
    private const string DocumentName = "border-rescue.xml";
    private const int Attempts = 40;

    private readonly LabSite _allied = lab.Allied.Site;

    private string RangerUri => lab.Allied.Description.Users[LabDomain.Ranger].McpttId!;

    private string DispatcherUri => lab.Home.Description.Users[LabDomain.Dispatcher].McpttId!;

    private string MedicUri => lab.Home.Description.Users[LabDomain.Medic].McpttId!;

    public async Task RunAsync(JointGroup people, CancellationToken cancellation)
    {
        await MakeAsync(people, cancellation);
        await ReadAsync(people, cancellation);
        List<ServiceKeyInfo> keys = [];
        await FetchKeysAsync(people, keys, cancellation);
        await SpeakAsync(people, keys);
    }

    private Task MakeAsync(JointGroup people, CancellationToken cancellation) => runner.StepAsync(
        "ranger makes a group with two guests in it", "TS 33.180 5.1.4 a; TS 24.481 6.3.2", async facts =>
        {
            using TlsTrust trust = TlsTrust.FromCaFile(_allied.Ca.CaFile);
            using XcapClient xcap = Xcap(lab, people.Ranger, trust);
            GroupClient groups = new(xcap);
            GroupDocument document = GroupOf(RangerUri, DispatcherUri, MedicUri);
            try
            {
                _ = await groups.CreateAsync(RangerUri, DocumentName, document, cancellation);
                facts.Add($"{InterDomainWalk.Group} is new");
            }
            catch (WatchwordClientException refusal) when (refusal.Fault == ClientFault.ServiceDocumentChanged)
            {
                _ = await groups.ReplaceAsync(InterDomainWalk.Group, document, cancellationToken: cancellation);
                facts.Add($"{InterDomainWalk.Group} is of an earlier start, and has these members again");
            }

            GroupDocument made = (await groups.FetchAsync(InterDomainWalk.Group, cancellationToken: cancellation))!.Value;
            facts.Require(made.Members is { Count: 3 }, $"members {string.Join(", ", made.Members!.Select(member => member.Uri))}");
        });

    private Task ReadAsync(JointGroup people, CancellationToken cancellation) => runner.StepAsync(
        "the guests read it with tokens of its domain, through their own proxy", "TS 33.180 5.1.4, B.9; TS 24.482 A.2.2; TS 24.481 6.3.3", async facts =>
        {
            foreach (GuestProfile guest in (GuestProfile[])[people.Migrated, people.Visiting])
            {
                using XcapClient xcap = guest.Groups();
                GroupDocument document = (await new GroupClient(xcap).FetchAsync(InterDomainWalk.Group, cancellationToken: cancellation))!.Value;
                facts.Require(
                    document.Uri == InterDomainWalk.Group,
                    $"{guest.Home.Name}: {_allied.Ports.GroupsRoot} over {guest.ThroughHome.Url}, with a token of {_allied.Ports.IdmUrl}");
                using XcapClient wrong = guest.Groups(guest.Home.Tokens);
                WatchwordClientException refusal = await Refusals.OfAsync(
                    () => new GroupClient(wrong).FetchAsync(InterDomainWalk.Group, cancellationToken: cancellation));
                facts.Require(refusal.HttpStatus == 401, $"  with one of his home domain: {refusal.HttpStatus}");
            }
        });

    private Task FetchKeysAsync(JointGroup people, List<ServiceKeyInfo> keys, CancellationToken cancellation) => runner.StepAsync(
        "its group management server keys all three: by its own KMS, by its own as migration KMS, by an external one", "TS 33.180 5.7, 5.3.1, 5.2.3, E.2", async facts =>
        {
            using TlsTrust trust = TlsTrust.FromCaFile(_allied.Ca.CaFile);
            using XcapClient rangers = Xcap(lab, people.Ranger, trust);
            ServiceKeyInfo own = await FetchAsync(rangers, RangersExchange(lab, people.Ranger), people.Ranger.Store, RangerUri, null, cancellation);
            keys.Add(own);
            facts.Require(own.InitiatorUri == _allied.Names.GmsUri, $"ranger: GMK-ID {Hex(own.KeyId)}, GUK-ID {Hex(own.UserKeyId)}, from {own.InitiatorUri}");
            foreach ((GuestProfile guest, string uri) in ((GuestProfile, string)[])[(people.Migrated, DispatcherUri), (people.Visiting, MedicUri)])
            {
                using XcapClient xcap = guest.Groups();
                ServiceKeyInfo key = await FetchAsync(xcap, guest.Exchange(), guest.Store, uri, own.KeyId, cancellation);
                keys.Add(key);
                string opened = guest.Store.RootCertificate!.KmsUri;
                facts.Require(
                    key.KeyId == own.KeyId && key.InitiatorKmsUri == _allied.Names.KmsUri,
                    $"{guest.Home.Name}: the same, as GUK-ID {Hex(key.UserKeyId)}, opened with the key set of {opened}");
            }

            using XcapClient again = people.Migrated.Groups();
            GroupKeysFetched wrong = await new GroupClient(again).FetchKeysAsync(
                InterDomainWalk.Group, people.Migrated.Exchange(people.Migrated.Home.Store), cancellation);
            facts.Require(
                wrong.Receipts.Count == 0 && wrong.Refused.Count > 0, "what is for dispatcher does not open with his keys of home: he is keyed by the migration KMS");
            facts.Require(
                people.Visiting.Store.RootCertificate!.KmsUri == LabDomain.KmsUri, "medic has keys of home only: his is encrypted under the external certificate");
        });

    private Task SpeakAsync(JointGroup people, List<ServiceKeyInfo> keys) => runner.StepAsync(
        "dispatcher speaks to the group, and ranger and medic hear him", "TS 33.180 7.4.1, E.2; RFC 3830 §4.1.3", facts =>
        {
            KeyStore[] stores = [people.Ranger.Store, people.Migrated.Store, people.Visiting.Store];
            uint speaker = keys[1].UserKeyId!.Value;
            List<SrtpKeys> derived = [];
            try
            {
                foreach ((KeyStore store, ServiceKeyInfo key) in stores.Zip(keys))
                {
                    using MikeyKey opened = store.OpenServiceKey(key);
                    derived.Add(opened.DeriveSrtpKeys(McCryptoSession.McpttGroup, speaker));
                }

                facts.Require(
                    derived.TrueForAll(one => SrtpComparison.AreEqual(one, derived[1])),
                    $"under his GUK-ID {Hex(speaker)} all three have the same SRTP master key and salt");
                using MikeyKey gmk = people.Ranger.Store.OpenServiceKey(keys[0]);
                using SrtpKeys rangers = gmk.DeriveSrtpKeys(McCryptoSession.McpttGroup, keys[0].UserKeyId!.Value);
                facts.Require(!SrtpComparison.AreEqual(rangers, derived[1]), "and another one for what ranger says");
            }
            finally
            {
                derived.ForEach(one => one.Dispose());
            }

            return Task.CompletedTask;
        });

    /// <summary>The group document as ranger writes it.</summary>
    public static GroupDocument GroupOf(string owner, params string[] guests) => new()
    {
        Uri = InterDomainWalk.Group,
        DisplayName = "Border rescue",
        Owner = owner,
        Members = [new GroupMember(owner), .. guests.Select(member => new GroupMember(member))],
        SupportedServices = [new GroupService(McServiceNames.Mcptt.Icsi)],
    };

    /// <summary>The group management server of the other domain, for ranger: over the proxy of his own domain.</summary>
    public static XcapClient Xcap(RunningLab lab, WalkProfile ranger, TlsTrust trust) => new(
        new XcapClientOptions
        {
            Root = lab.Allied.Site.Ports.GroupsRoot, HttpProxy = new HomeHttpProxy { Url = lab.Allied.Site.Ports.ProxyUrl },
        },
        trust, ranger.Tokens, lab.Allied.Site.Time);

    /// <summary>Opens what its group management server hands to ranger.</summary>
    public static ServiceKeyExchange RangersExchange(RunningLab lab, WalkProfile ranger) => new(
        ranger.Store, lab.Allied.Site.Time, new ServiceKeyExchangeOptions { GroupManagementServers = [lab.Allied.Site.Names.GmsUri] });

    /// <summary>
    /// Fetches until the member holds a key to send under, <paramref name="expected"/> if that is known, and never
    /// <paramref name="unlike"/>: the server's own keys, and what was changed a moment ago, may be on their way still.
    /// </summary>
    public static async Task<ServiceKeyInfo> FetchAsync(
        XcapClient xcap, ServiceKeyExchange exchange, KeyStore store, string member, uint? expected, CancellationToken cancellation,
        uint? unlike = null)
    {
        GroupClient client = new(xcap);
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                _ = await client.FetchKeysAsync(InterDomainWalk.Group, exchange, cancellation);
            }
            catch (WatchwordClientException busy) when (busy.Fault == ClientFault.ServiceBusy && attempt < Attempts)
            {
                // It says 503 until it is keyed itself.
            }

            ServiceKeyInfo? held = store.FindSendingKey(ServiceKeyScope.ForGroup(member, InterDomainWalk.Group, KeyPurpose.Gmk));
            if (held is not null && (expected is null || held.KeyId == expected) && held.KeyId != unlike)
            {
                return held;
            }

            if (attempt >= Attempts)
            {
                throw new WalkException($"no key of the group came for {member}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, cancellation);
        }
    }

    public static string Hex(uint? id) => id?.ToString("X8", CultureInfo.InvariantCulture) ?? "none";
}
