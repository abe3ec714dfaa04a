using System.Globalization;
using Watchword.Client;
using Watchword.Identity;
using Watchword.Identity.Administration;

namespace Watchword.Lab.Walk;

/// <summary>Guests go: one is blocked by the domain that he visits, the other is taken out of the group.</summary>
internal sealed class GuestsLeaveWalk(WalkRunner runner, RunningLab lab, ForeignUsers foreign)
{
    private readonly LabSite _allied = lab.Allied.Site;

    private string RangerUri => lab.Allied.Description.Users[LabDomain.Ranger].McpttId!;

    private string DispatcherUri => lab.Home.Description.Users[LabDomain.Dispatcher].McpttId!;

    private string MedicUri => lab.Home.Description.Users[LabDomain.Medic].McpttId!;

    public async Task RunAsync(JointGroup people, CancellationToken cancellation)
    {
        using TlsTrust trust = TlsTrust.FromCaFile(_allied.Ca.CaFile);
        using XcapClient xcap = JointGroupWalk.Xcap(lab, people.Ranger, trust);
        ServiceKeyInfo? held = null;
        await BlockAsync(people, cancellation);
        await RekeyAsync(people, xcap, key => held = key, cancellation);
        await RemoveAsync(people, xcap, () => held!, cancellation);
        await LetInAgainAsync(people, cancellation);
    }

    private Task BlockAsync(JointGroup people, CancellationToken cancellation) => runner.StepAsync(
        "the other domain blocks dispatcher: no further token, and those that he has are void", "TS 33.180 B.7.4, B.12; RFC 8417, RFC 8935", async facts =>
        {
            GuestProfile guest = people.Migrated;
            AccessToken token = await guest.Tokens.GetAccessTokenAsync(McResource.KeyManagement, cancellation);
            ForeignSubjectView user = (await foreign.FindAsync(DispatcherUri, cancellation))!;
            facts.Require(user.Issuer == lab.Home.Site.Ports.IdmUrl && !user.Blocked, $"its IdM server knows {user.McpttId} of {user.Issuer}");
            _ = await foreign.SetBlockedAsync(user, true, cancellation);
            await lab.Allied.Servers.WaitForEventsAsync(cancellation);
            await lab.Allied.Servers.WaitForEventsAsync(lab.Allied.Services.Application, cancellation);
            guest.Tokens.Drop(AccessTokenTarget.For(McResource.KeyManagement));
            WatchwordClientException refusal = await Refusals.OfAsync(
                () => guest.Tokens.GetAccessTokenAsync(McResource.KeyManagement, cancellation));
            facts.Require(
                refusal.Fault == ClientFault.PartnerTokenRefused, "a security token is still given at home, and refused there");
            (int status, string body) = await guest.Home.PostAsync(
                new Uri(_allied.Ports.KmsUrl + KeyManagement.AnnexDPaths.KeyProv(DispatcherUri)), token, null, cancellation);
            facts.Require(
                status == 403 && !KmsAnswers.HasKeySet(body), $"the token that he has, at the KMS: {status} with KmsError {KmsAnswers.ErrorCode(body)}");
            int bindings = await lab.Allied.Services.CountBindingsAsync(cancellation);
            facts.Require(bindings == 1, string.Create(CultureInfo.InvariantCulture, $"the MCX server has dropped him: {bindings} binding"));
            AccessToken home = await guest.Home.Tokens.GetAccessTokenAsync(McResource.Service, cancellation);
            facts.Require(home.ExpiresAt > _allied.Time.GetUtcNow(), "at home he is who he was");
        });

    private Task RekeyAsync(JointGroup people, XcapClient xcap, Action<ServiceKeyInfo> keep, CancellationToken cancellation) => runner.StepAsync(
        "the group has another key, which is not for him", "TS 33.180 5.7, 7.3", async facts =>
        {
            ServiceKeyInfo before = people.Ranger.Store.FindSendingKey(
                ServiceKeyScope.ForGroup(RangerUri, InterDomainWalk.Group, Mikey.KeyPurpose.Gmk))!;
            ServiceKeyInfo now = await JointGroupWalk.FetchAsync(
                xcap, JointGroupWalk.RangersExchange(lab, people.Ranger), people.Ranger.Store, RangerUri, null, cancellation, before.KeyId);
            facts.Require(now.KeyId != before.KeyId, $"ranger: GMK-ID {JointGroupWalk.Hex(now.KeyId)} instead of {JointGroupWalk.Hex(before.KeyId)}");
            using XcapClient medics = people.Visiting.Groups();
            _ = await JointGroupWalk.FetchAsync(medics, people.Visiting.Exchange(), people.Visiting.Store, MedicUri, now.KeyId, cancellation);
            facts.Add($"medic: the same");
            keep(now);
        });

    private Task RemoveAsync(JointGroup people, XcapClient xcap, Func<ServiceKeyInfo> held, CancellationToken cancellation) => runner.StepAsync(
        "ranger takes the guests out of the group: medic hears that his key is revoked", "TS 33.180 5.7; TS 24.481 6.3.4", async facts =>
        {
            GroupClient groups = new(xcap);
            _ = await groups.ReplaceAsync(InterDomainWalk.Group, JointGroupWalk.GroupOf(RangerUri), cancellationToken: cancellation);
            ServiceKeyInfo now = await JointGroupWalk.FetchAsync(
                xcap, JointGroupWalk.RangersExchange(lab, people.Ranger), people.Ranger.Store, RangerUri, null, cancellation, held().KeyId);
            facts.Add($"ranger: GMK-ID {JointGroupWalk.Hex(now.KeyId)}");
            using XcapClient medics = people.Visiting.Groups();
            GroupKeysFetched news = await new GroupClient(medics).FetchKeysAsync(
                InterDomainWalk.Group, people.Visiting.Exchange(), cancellation);
            ServiceKeyScope scope = ServiceKeyScope.ForGroup(MedicUri, InterDomainWalk.Group, Mikey.KeyPurpose.Gmk);
            facts.Require(
                news.Receipts.Any(receipt => receipt.Change == ServiceKeyChange.Revoked && receipt.Key.KeyId == held().KeyId)
                    && people.Visiting.Store.FindSendingKey(scope) is null,
                $"medic: {JointGroupWalk.Hex(held().KeyId)} is revoked, and he has no other");
            WatchwordClientException refusal = await Refusals.OfAsync(
                () => new GroupClient(medics).FetchAsync(InterDomainWalk.Group, cancellationToken: cancellation));
            facts.Require(refusal.HttpStatus == 403, $"nor does he read the document any more: {refusal.HttpStatus}");
        });

    private Task LetInAgainAsync(JointGroup people, CancellationToken cancellation) => runner.StepAsync(
        "the block is lifted: dispatcher is given tokens again", "TS 33.180 B.7.4; docs/flows/inter-domain.md", async facts =>
        {
            ForeignSubjectView user = (await foreign.FindAsync(DispatcherUri, cancellation))!;
            user = await foreign.SetBlockedAsync(user, false, cancellation);
            facts.Require(!user.Blocked, $"{user.McpttId} is let in");
            AccessToken token = await people.Migrated.Tokens.GetAccessTokenAsync(McResource.KeyManagement, cancellation);
            facts.Require(token.Scopes.Count > 0, $"a token with {token.Scopes.Count} scopes");
        });
}
