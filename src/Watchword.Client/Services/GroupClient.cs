using Watchword.Identity;
using Watchword.McServices.Configuration;
using Watchword.McServices.Groups;
using Watchword.McServices.Xcap;
using Watchword.Sip;

namespace Watchword.Client;

/// <summary>
/// The group management client of a UE (TS 24.481 6.3): group documents, and the group keys that the server gives a member over
/// HTTP. Its token holds the group management scopes of every service that was granted, since one group may be for several.
/// </summary>
/// <param name="xcap">The group management server; the caller disposes it.</param>
public sealed class GroupClient(XcapClient xcap)
{
    private const string KeysPath = "group-keys/";
    private const string MikeyMediaType = "application/mikey";
    private const int FirstMessageFault = (int)ClientFault.NoUsableKeySet;
    private const int LastMessageFault = (int)ClientFault.ServiceKeyConflict;

    // Keys of several identities and generations come in one answer.
    private static readonly SipLimits _limits = new() { MaxParts = 256 };
    private static readonly AccessTokenTarget _token = AccessTokenTarget.For(McResource.GroupManagement);

    /// <summary>Fetches a group document by the identifier of the group (TS 24.481 6.3.3).</summary>
    /// <param name="groupId">The MC service group ID.</param>
    /// <param name="etag">The entity tag of the one that the caller has; null if he has none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The document, without members for whom may not see them; null if it is the one that the caller has.</returns>
    /// <exception cref="ArgumentException">A value that cannot stand in a path.</exception>
    /// <exception cref="WatchwordClientException">Faults of block 55xx, of the transport and of the tokens.</exception>
    public async Task<ServiceDocument<GroupDocument>?> FetchAsync(
        string groupId, string? etag = null, CancellationToken cancellationToken = default) =>
        ServiceDocuments.Read(
            await xcap.GetAsync(ById(groupId), _token, etag, cancellationToken), document => GroupDocument.Parse(document));

    /// <summary>Fetches a group document without its members, by a group management operation (TS 24.481 6.3.16).</summary>
    /// <param name="groupId">The MC service group ID.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ArgumentException">A value that cannot stand in a path.</exception>
    /// <exception cref="WatchwordClientException">As above.</exception>
    public async Task<ServiceDocument<GroupDocument>> FetchWithoutMembersAsync(
        string groupId, CancellationToken cancellationToken = default)
    {
        XcapCall call = new(HttpMethod.Post, XcapClient.PathOf(ById(groupId)), _token)
        {
            Content = GroupManagementRequest.ExcludingMemberList().Write(),
            MediaType = GroupManagementRequest.MediaType,
        };
        return ServiceDocuments.Read(await xcap.SendAsync(call, cancellationToken), document => GroupDocument.Parse(document))!;
    }

    /// <summary>Makes a group (TS 24.481 6.3.2.2); there must be no document under that name.</summary>
    /// <param name="creationXui">In whose directory: <c>group-creation-XUI</c> of the initial configuration.</param>
    /// <param name="documentName">The name of the document there.</param>
    /// <param name="group">The group. The server may want another identifier: <see cref="ClientFault.XcapUniquenessFailure"/> with
    /// values to choose from.</param>
    /// <param name="cancellationToken">Ends the call; the server may have done it all the same.</param>
    /// <returns>The entity tag.</returns>
    /// <exception cref="ArgumentException">A value that cannot stand in a path.</exception>
    /// <exception cref="WatchwordClientException">As above.</exception>
    public Task<string?> CreateAsync(
        string creationXui, string documentName, GroupDocument group, CancellationToken cancellationToken = default) =>
        PutAsync(OfUser(creationXui, documentName), group, XcapPrecondition.Absent, cancellationToken);

    /// <summary>Replaces a group document (TS 24.481 6.3.4).</summary>
    /// <param name="groupId">The MC service group ID.</param>
    /// <param name="group">The whole document.</param>
    /// <param name="etag">The entity tag of the document that is replaced; null to replace any.</param>
    /// <param name="cancellationToken">Ends the call; the server may have done it all the same.</param>
    /// <returns>The entity tag.</returns>
    /// <exception cref="ArgumentException">A value that cannot stand in a path.</exception>
    /// <exception cref="WatchwordClientException">As above.</exception>
    public Task<string?> ReplaceAsync(
        string groupId, GroupDocument group, string? etag = null, CancellationToken cancellationToken = default) =>
        PutAsync(ById(groupId), group, XcapPrecondition.Unchanged(etag), cancellationToken);

    /// <summary>Deletes a group (TS 24.481 6.3.5).</summary>
    /// <param name="groupId">The MC service group ID.</param>
    /// <param name="etag">The entity tag of the document that is deleted; null to delete any.</param>
    /// <param name="cancellationToken">Ends the call; the server may have done it all the same.</param>
    /// <exception cref="ArgumentException">A value that cannot stand in a path.</exception>
    /// <exception cref="WatchwordClientException">As above.</exception>
    public Task DeleteAsync(string groupId, string? etag = null, CancellationToken cancellationToken = default) =>
        xcap.DeleteAsync(ById(groupId), _token, XcapPrecondition.Unchanged(etag), cancellationToken);

    /// <summary>
    /// Fetches the keys of a group and puts them into the key store (TS 33.180 5.7): each message is opened with every check of
    /// <see cref="ServiceKeyExchange.Open"/>. The server makes them at each retrieval.
    /// </summary>
    /// <param name="groupId">The MC service group ID.</param>
    /// <param name="keys">Opens the messages; its options name the group management server.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ArgumentException">A value that cannot stand in a path.</exception>
    /// <exception cref="WatchwordClientException">
    /// As above, and faults of the key store. What is wrong with one message (54xx) is in the result: others may be right.
    /// </exception>
    public async Task<GroupKeysFetched> FetchKeysAsync(
        string groupId, ServiceKeyExchange keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        // As in any path of the server: the identifier must be one that can stand there.
        string segment = Uri.EscapeDataString(ById(groupId).Document.Path[^1]);
        XcapResource answer = await xcap.SendAsync(new XcapCall(HttpMethod.Get, KeysPath + segment, _token), cancellationToken);
        ServiceKeyMessageContext context = new() { IsFromDocument = true, GroupIds = [groupId] };
        List<ServiceKeyReceipt> receipts = [];
        List<WatchwordClientException> refused = [];
        foreach (SipBodyPart part in Parts(answer))
        {
            try
            {
                receipts.Add(keys.Open(part.Content.Span, context));
            }
            catch (WatchwordClientException e) when (e.Number is >= FirstMessageFault and <= LastMessageFault)
            {
                refused.Add(e);
            }
        }

        return new GroupKeysFetched(receipts, refused);
    }

    /// <summary>The document of a group, to subscribe to (TS 24.481 6.3.13).</summary>
    /// <param name="groupId">The MC service group ID.</param>
    /// <exception cref="ArgumentException">A value that cannot stand in a path.</exception>
    public static DocumentSelector DocumentOf(string groupId) => ById(groupId).Document;

    private async Task<string?> PutAsync(XcapUri uri, GroupDocument group, XcapPrecondition when, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(group);
        return (await xcap.PutAsync(uri, group.Write(), _token, when, cancellation)).ETag;
    }

    private static XcapUri ById(string groupId) =>
        new(DocumentSelector.OfGlobal(ApplicationUsage.Groups.Auid, ApplicationUsage.ByGroupId, groupId));

    private static XcapUri OfUser(string xui, string name) =>
        new(DocumentSelector.OfUser(ApplicationUsage.Groups.Auid, xui, name));

    /// <summary>The messages in an answer: multipart in HTTP is that of SIP (RFC 2046).</summary>
    private static IReadOnlyList<SipBodyPart> Parts(XcapResource answer)
    {
        if (answer.Content.IsEmpty)
        {
            return [];
        }

        SipResponse carrier = new(200);
        carrier.Headers.Add(SipHeaderNames.ContentType, answer.MediaType ?? string.Empty);
        carrier.Body = answer.Content;
        return SipBody.TryRead(carrier, out IReadOnlyList<SipBodyPart> parts, _limits)
            && parts.All(part => part.ContentType.Is(MikeyMediaType))
            ? parts
            : throw new WatchwordClientException(ClientFault.ServiceAnswerMalformed, "no MIKEY messages");
    }
}
