using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Watchword.Client;
using Watchword.McServices.Configuration;
using Watchword.McServices.Groups;
using Watchword.McServices.Xcap;
using Watchword.ResourceServers.Configuration;
using Watchword.ResourceServers.GroupManagement.Keys;
using Watchword.ResourceServers.GroupManagement.Observability;
using Watchword.ResourceServers.Http;
using Watchword.ResourceServers.Mcx.Bodies;
using Watchword.ResourceServers.Storage;
using Watchword.ResourceServers.Xcap;

namespace Watchword.ResourceServers.GroupManagement.Http;

/// <summary>
/// Group keys over HTTP, under <c>group-keys/GROUP</c> of the XCAP root: a member fetches what is his, the owner or an administrator
/// asks for another key. A choice of this project: TS 24.481 leaves open what carries GMKs (docs/choices.md).
/// </summary>
internal sealed class GroupKeyEndpoint(
    GroupManagementSettings settings, GroupRealm realm, GroupKeys keys, GroupUsers users, SenderReader senders,
    ServicesTransactions transactions, GroupInstruments instruments)
{
    private const int BoundaryDigits = 32;

    /// <summary>Where it is, below the XCAP root.</summary>
    public const string Route = "/group-keys/{group}";

    /// <summary>
    /// The messages for the sender, made now, as <c>multipart/mixed</c> of <c>application/mikey</c>: first those with a key to send
    /// under, then those that revoke what he had. 204 if there is nothing.
    /// </summary>
    public async Task GetAsync(HttpContext context, string group)
    {
        if (await senders.ReadAsync(context, settings) is not { } sender)
        {
            return;
        }

        GroupDocument? document = await FindAsync(group, context.RequestAborted);
        // A key is for the services of its group, and a token for the services of its scopes. Of a group that is gone there is nothing
        // but the news of that.
        string[] identities =
        [
            .. GroupAccess.IdentitiesOf(sender).Where(identity => document?.Supports(identity.Service) != false)
                .Select(identity => identity.Id).Distinct(),
        ];
        if (identities.Length == 0)
        {
            throw realm.Refusal(context, sender.Token is null ? ServicesError.NotOfTheGroup : ServicesError.InsufficientScope);
        }

        // Of members alone: who is refused leaves nothing behind.
        string[] members = [.. identities.Where(identity => document?.MemberOf(identity) is not null)];
        if (members.Length > 0)
        {
            await users.NoteAsync(sender.Token!.Issuer, sender.Token.Subject, members, context.RequestAborted);
        }

        List<ReadOnlyMemory<byte>> messages = [];
        foreach (string identity in identities)
        {
            messages.AddRange(await TakeAsync(group, identity, context.RequestAborted));
        }

        context.Response.Headers.CacheControl = "no-store";
        if (messages.Count == 0)
        {
            CheckMember(document, members);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        instruments.Given(messages.Count, "http");
        await WriteAsync(context.Response, messages, context.RequestAborted);
    }

    /// <summary>Another key for the group.</summary>
    public async Task PostAsync(HttpContext context, string group)
    {
        if (await senders.ReadAsync(context, settings) is not { } sender)
        {
            return;
        }

        if (!DocumentSelector.TryRead(
            [ApplicationUsage.Groups.Auid, "global", ApplicationUsage.ByGroupId, group], out DocumentSelector? document))
        {
            throw new ServicesException(ServicesError.SelectorMalformed);
        }

        XcapAct act = new(sender, XcapOperation.Write, new XcapTarget(ApplicationUsage.Groups, document), context.Request.Host.Host);
        XcapDocumentRow? row = await transactions.ReadAsync(
            (database, cancel) => XcapOperations.FindAsync(database, GroupRealm.KeyOf(group), cancel), context.RequestAborted);
        ServicesError error = realm.Judge(act);
        error = error != ServicesError.None ? error : row is null ? ServicesError.UnknownDocument : realm.Judge(act, row.Content);
        if (error != ServicesError.None)
        {
            throw realm.Refusal(context, error);
        }

        await RenewAsync(group, context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task RenewAsync(string group, CancellationToken cancellationToken)
    {
        try
        {
            await keys.RenewAsync(group, cancellationToken);
        }
        catch (WatchwordClientException)
        {
            // It stays due.
            throw new ServicesException(ServicesError.KeysUnavailable);
        }
    }

    private async Task<IReadOnlyList<ReadOnlyMemory<byte>>> TakeAsync(
        string group, string identity, CancellationToken cancellationToken)
    {
        try
        {
            return await keys.TakeAsync(group, identity, cancellationToken)
                ?? throw new ServicesException(ServicesError.KeysUnavailable);
        }
        catch (WatchwordClientException)
        {
            throw new ServicesException(ServicesError.KeysUnavailable);
        }
    }

    private async Task<GroupDocument?> FindAsync(string group, CancellationToken cancellationToken)
    {
        XcapDocumentRow? row = await transactions.ReadAsync(
            (context, cancel) => XcapOperations.FindAsync(context, GroupRealm.KeyOf(group), cancel), cancellationToken);
        return row is null ? null : GroupDocument.Parse(row.Content, settings.Limits);
    }

    private static void CheckMember(GroupDocument? document, string[] members)
    {
        if (document is null)
        {
            throw new ServicesException(ServicesError.UnknownDocument);
        }

        if (members.Length == 0)
        {
            throw new ServicesException(ServicesError.NotOfTheGroup);
        }
    }

    private static async Task WriteAsync(
        HttpResponse response, List<ReadOnlyMemory<byte>> messages, CancellationToken cancellationToken)
    {
        string boundary = RandomNumberGenerator.GetHexString(BoundaryDigits, lowercase: true);
        using MemoryStream body = new();
        foreach (ReadOnlyMemory<byte> message in messages)
        {
            body.Write(Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"--{boundary}\r\nContent-Type: {ServiceBody.MikeyMediaType}\r\nContent-Length: {message.Length}\r\n\r\n")));
            body.Write(message.Span);
            body.Write("\r\n"u8);
        }

        body.Write(Encoding.ASCII.GetBytes($"--{boundary}--\r\n"));
        response.ContentType = $"multipart/mixed; boundary={boundary}";
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length), cancellationToken);
    }
}
