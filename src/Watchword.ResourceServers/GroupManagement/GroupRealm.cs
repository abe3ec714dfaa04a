using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;
using Watchword.Client;
using Watchword.Identity;
using Watchword.McServices;
using Watchword.McServices.Configuration;
using Watchword.McServices.Groups;
using Watchword.McServices.Xcap;
using Watchword.ResourceServers.Configuration;
using Watchword.ResourceServers.GroupManagement.Keys;
using Watchword.ResourceServers.Http;
using Watchword.ResourceServers.Mcx.Bodies;
using Watchword.ResourceServers.Storage;
using Watchword.ResourceServers.Xcap;
using Watchword.Sip;

namespace Watchword.ResourceServers.GroupManagement;

/// <summary>
/// Group documents (TS 24.481 7.2). One that is made in the directory of a user is the same under its identity; it is kept under that,
/// so an identity is taken once in an installation.
/// </summary>
internal sealed class GroupRealm(GroupManagementSettings settings, XcapOperations operations, GroupKeys? keys = null)
    : XcapRealm(settings)
{
    private const int LongestOperation = 4096;
    private const string Rejected = "rejected";

    /// <inheritdoc/>
    public override IReadOnlyList<ApplicationUsage> Usages { get; } = [ApplicationUsage.Groups];

    /// <summary>Where the document of a group is kept.</summary>
    public static DocumentKey KeyOf(string groupUri) =>
        new(ApplicationUsage.Groups.Auid, string.Empty, $"{ApplicationUsage.ByGroupId}/{groupUri}");

    /// <inheritdoc/>
    public override ServicesError Judge(XcapAct act) => GroupAccess.Judge(settings, act.Sender, act.Operation, act.Target);

    /// <inheritdoc/>
    public override ServicesError Judge(XcapAct act, ReadOnlyMemory<byte>? current) => GroupAccess.Judge(
        settings, act.Sender!, act.Operation, act.Target,
        current is { IsEmpty: false } document ? GroupDocument.Parse(document, Settings.Limits) : null);

    /// <inheritdoc/>
    public override string ScopesFor(ApplicationUsage usage) =>
        string.Join(' ', AnnexB.Services.Select(service => McScopes.For(service, McResource.GroupManagement)));

    /// <inheritdoc/>
    public override async ValueTask<DocumentKey?> LocateAsync(
        DbContext context, XcapAct act, ReadOnlyMemory<byte>? replacement, CancellationToken cancellationToken)
    {
        if (DocumentKey.Of(act.Target.Usage, act.Target.Document) is not { } place || place.Xui.Length == 0)
        {
            return DocumentKey.Of(act.Target.Usage, act.Target.Document);
        }

        if (await context.Set<GroupRow>().FirstOrDefaultAsync(
            row => row.Xui == place.Xui && row.Name == place.Name, cancellationToken) is { } known)
        {
            return KeyOf(known.GroupUri);
        }

        // A new one goes under its identity if that is free. Under its place there is never a document, so what stays there is
        // found not to exist, or refused by the checks.
        return replacement is { } document && TryRead(document) is { } group
            && !await IsTakenAsync(context, group.Uri, cancellationToken)
            ? KeyOf(group.Uri)
            : place;
    }

    /// <inheritdoc/>
    public override async ValueTask<XcapError?> CheckAsync(
        DbContext context, XcapAct act, DocumentKey key, ReadOnlyMemory<byte> document, CancellationToken cancellationToken)
    {
        GroupDocument group = GroupDocument.Parse(document, Settings.Limits);
        if (GroupContent.Check(group) is { } constraint)
        {
            return constraint;
        }

        if (key.Xui.Length > 0)
        {
            return GroupContent.Refuse(settings, group.Uri);
        }

        if (key != KeyOf(group.Uri))
        {
            return GroupContent.Constraint("uri of list-service is not the identity of the group");
        }

        XcapDocumentRow? current = await XcapOperations.FindAsync(context, key, cancellationToken);
        return current is null
            ? await CheckNewAsync(context, act, group, cancellationToken)
            : CheckOwner(act.Sender!, GroupDocument.Parse(current.Content, Settings.Limits), group);
    }

    /// <inheritdoc/>
    public override async ValueTask ChangingAsync(
        DbContext context, XcapAct act, DocumentKey key, ReadOnlyMemory<byte>? before, ReadOnlyMemory<byte>? after,
        CancellationToken cancellationToken)
    {
        if (after is not { } document)
        {
            await GroupIndex.DeleteAsync(context, GroupDocument.Parse(before!.Value, Settings.Limits).Uri, cancellationToken);
            return;
        }

        await GroupIndex.StoreAsync(
            context, GroupDocument.Parse(document, Settings.Limits), before is { IsEmpty: false } ? null : PlaceOf(act), cancellationToken);
        await EndSubscriptionsAsync(context, key, document, cancellationToken);
    }

    /// <summary>Members and administrators watch a group (TS 24.481 6.3.13); one who is removed is told that it is gone.</summary>
    public override bool MayWatch(string owner, DocumentKey key, ReadOnlyMemory<byte> document)
    {
        GroupDocument group = GroupDocument.Parse(document, Settings.Limits);
        return group.MayAdminister(owner) || group.MemberOf(owner) is not null;
    }

    /// <summary>The keys of the groups, which go with the notification (TS 33.180 7.3).</summary>
    public override async Task<IReadOnlyList<SipBodyPart>> AttachAsync(
        string owner, IReadOnlyList<DocumentKey> documents, CancellationToken cancellationToken)
    {
        List<SipBodyPart> parts = [];
        if (keys is null || !settings.KeysBySip)
        {
            return parts;
        }

        try
        {
            foreach (DocumentKey document in documents)
            {
                string group = document.Name[(ApplicationUsage.ByGroupId.Length + 1)..];
                parts.AddRange((await keys.TakeAsync(group, owner, cancellationToken) ?? [])
                    .Select(message => SipBodyPart.Create(ServiceBody.MikeyMediaType, message)));
            }
        }
        catch (WatchwordClientException)
        {
            // What changed is told all the same; the keys come when the server has its own.
        }

        return parts;
    }

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Present(XcapAct act, ReadOnlyMemory<byte> document) =>
        GroupAccess.MayReadMembers(settings, act.Sender!, GroupDocument.Parse(document, Settings.Limits))
            ? document
            : GroupDocument.WithoutMembers(document, Settings.Limits);

    /// <summary>Group management operations (TS 24.481 6.3.16): the document without its members, for whoever may read it.</summary>
    public override async Task<bool> TryPostAsync(HttpContext context, Sender sender, XcapTarget target)
    {
        if (target.Node is not null)
        {
            return false;
        }

        await ReadOperationAsync(context);
        XcapAct act = new(sender, XcapOperation.Read, target, context.Request.Host.Host);
        XcapAnswer answer = await operations.ReadAsync(
            this, act, XcapConditions.Read(context.Request.Headers), context.RequestAborted);
        if (answer.Error != ServicesError.None)
        {
            throw Refusal(context, answer.Error);
        }

        HttpResponse response = context.Response;
        response.StatusCode = answer.Status;
        response.Headers.ETag = $"\"{answer.ETag}\"";
        response.Headers.CacheControl = "private, no-cache";
        if (answer.Status == StatusCodes.Status200OK)
        {
            byte[] body = GroupDocument.WithoutMembers(answer.Body, Settings.Limits);
            response.ContentType = answer.MediaType;
            response.ContentLength = body.Length;
            await response.Body.WriteAsync(body, context.RequestAborted);
        }

        return true;
    }

    /// <summary>A refusal to throw; one for scope says which would do.</summary>
    public ServicesException Refusal(HttpContext context, ServicesError error)
    {
        if (error == ServicesError.InsufficientScope)
        {
            ScopeChallenge.Set(context.Response, ScopesFor(ApplicationUsage.Groups));
        }

        return new ServicesException(error);
    }

    private static async Task ReadOperationAsync(HttpContext context)
    {
        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out MediaTypeHeaderValue? type)
            || !type.MediaType.Equals(GroupManagementRequest.MediaType, StringComparison.OrdinalIgnoreCase))
        {
            throw new ServicesException(ServicesError.UnsupportedMediaType);
        }

        ReadOnlyMemory<byte> body = await BoundedBody.ReadAsync(context.Request, LongestOperation, context.RequestAborted);
        GroupManagementOperation operation;
        try
        {
            operation = GroupManagementRequest.Parse(body).Operation;
        }
        catch (McServicesFormatException)
        {
            throw new ServicesException(ServicesError.OperationMalformed);
        }

        if (operation != GroupManagementOperation.GetExcludingMemberList)
        {
            throw new ServicesException(ServicesError.OperationMalformed);
        }
    }

    /// <summary>One who is removed has nothing left of a subscription to this group alone.</summary>
    private async Task EndSubscriptionsAsync(
        DbContext context, DocumentKey key, ReadOnlyMemory<byte> document, CancellationToken cancellationToken)
    {
        string realm = Settings.Resource.ToString();
        List<SubscriptionRow> rows = await context.Set<SubscriptionRow>()
            .Where(row => row.Realm == realm && row.EndReason == null && row.Resources.Any(resource => resource.Name == key.Name)
                && row.Resources.All(resource => resource.Name == key.Name))
            .ToListAsync(cancellationToken);
        foreach (SubscriptionRow row in rows.Where(row => !MayWatch(row.Owner, key, document)))
        {
            row.EndReason = Rejected;
        }
    }

    private static (string Xui, string Name)? PlaceOf(XcapAct act) =>
        DocumentKey.Of(act.Target.Usage, act.Target.Document) is { Xui.Length: > 0 } place ? (place.Xui, place.Name) : null;

    private async Task<XcapError?> CheckNewAsync(
        DbContext context, XcapAct act, GroupDocument group, CancellationToken cancellationToken)
    {
        if (!GroupContent.IsOfPolicy(settings, group.Uri))
        {
            return GroupContent.Refuse(settings, group.Uri);
        }

        if (!GroupAccess.IsTrusted(settings, act.Sender!)
            && !GroupAccess.IdentitiesOf(act.Sender!).Any(identity => identity.Id == group.Owner))
        {
            return GroupContent.Constraint("owner is not who makes the group");
        }

        return PlaceOf(act) is { } place && await context.Set<GroupRow>().CountAsync(row => row.Xui == place.Xui, cancellationToken)
                >= settings.MaxDocumentsPerUser
            ? GroupContent.Constraint("the directory is full")
            : null;
    }

    /// <summary>A group is given away by its owner, or by the network.</summary>
    private XcapError? CheckOwner(Sender sender, GroupDocument before, GroupDocument after) =>
        before.Owner == after.Owner || GroupAccess.IsTrusted(settings, sender)
            || GroupAccess.IdentitiesOf(sender).Any(identity => identity.Id == before.Owner)
            ? null
            : GroupContent.Constraint("owner is another");

    private GroupDocument? TryRead(ReadOnlyMemory<byte> document)
    {
        try
        {
            return GroupDocument.Parse(document, Settings.Limits);
        }
        catch (McServicesFormatException)
        {
            // The checks say what is wrong with it.
            return null;
        }
    }

    private static Task<bool> IsTakenAsync(DbContext context, string groupUri, CancellationToken cancellationToken) =>
        context.Set<GroupRow>().AnyAsync(row => row.GroupUri == groupUri && !row.IsDeleted, cancellationToken);
}
