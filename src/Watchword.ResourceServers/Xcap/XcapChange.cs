using Microsoft.EntityFrameworkCore;
using Watchword.McServices;
using Watchword.McServices.Xcap;
using Watchword.ResourceServers.Http;
using Watchword.ResourceServers.Storage;

namespace Watchword.ResourceServers.Xcap;

/// <summary>One change of one document, within one transaction.</summary>
internal sealed class XcapChange(
    DbContext context, XcapRealm realm, XcapAct act, XcapConditions conditions, Func<int, string> noParentUri, DateTimeOffset now)
{
    /// <summary>Judges and makes the change.</summary>
    public async Task<XcapAnswer> RunAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        bool isWhole = act.Target.Node is null;
        ReadOnlyMemory<byte>? replacement = isWhole && act.Operation == XcapOperation.Write ? body : null;
        if (await realm.LocateAsync(context, act, replacement, cancellationToken) is not { } key)
        {
            return XcapAnswer.Refuse(ServicesError.UnknownUsage);
        }

        XcapDocumentRow? row = await XcapOperations.FindAsync(context, key, cancellationToken);
        ServicesError error = realm.Judge(act, row?.Content);
        if (error != ServicesError.None)
        {
            return XcapAnswer.Refuse(error);
        }

        if (row is null && act.Operation == XcapOperation.Delete)
        {
            return XcapAnswer.Refuse(ServicesError.UnknownDocument);
        }

        if (row is null && !isWhole)
        {
            return XcapAnswer.Refuse(XcapConflicts.Of(XcapErrorKind.NoParent));
        }

        // RFC 9110 §13.2.1: after what would be refused anyway.
        if (!conditions.AllowChange(row?.ETag))
        {
            return XcapAnswer.Refuse(ServicesError.PreconditionFailed);
        }

        return isWhole && act.Operation == XcapOperation.Delete
            ? await DeleteAsync(key, row!, cancellationToken)
            : await StoreAsync(key, row, body, cancellationToken);
    }

    private async Task<XcapAnswer> DeleteAsync(DocumentKey key, XcapDocumentRow row, CancellationToken cancellationToken)
    {
        await realm.ChangingAsync(context, act, key, row.Content, null, cancellationToken);
        context.Remove(row);
        Record(key, row.ETag, null);
        return XcapAnswer.Deleted(null);
    }

    private async Task<XcapAnswer> StoreAsync(
        DocumentKey key, XcapDocumentRow? row, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        XcapEdit edit = new(row is null ? XcapEditOutcome.Created : XcapEditOutcome.Replaced);
        ReadOnlyMemory<byte> content = body;
        if (act.Target.Node is not null)
        {
            XcapAnswer? refused = Edit(row!, body, out edit, out content);
            if (refused is not null)
            {
                return refused;
            }
        }

        if (Check(content) is { } conflict)
        {
            return XcapAnswer.Refuse(conflict);
        }

        if (await realm.CheckAsync(context, act, key, content, cancellationToken) is { } constraint)
        {
            return XcapAnswer.Refuse(constraint);
        }

        if (row is null && await IsFullAsync(key, cancellationToken))
        {
            return XcapAnswer.Refuse(XcapConflicts.Of(XcapErrorKind.ConstraintFailure, "the directory is full"));
        }

        await realm.ChangingAsync(context, act, key, row?.Content, content, cancellationToken);
        return Store(key, row, content, edit.Outcome);
    }

    private XcapAnswer Store(DocumentKey key, XcapDocumentRow? row, ReadOnlyMemory<byte> content, XcapEditOutcome outcome)
    {
        string etag = XcapOperations.NewETag();
        Record(key, row?.ETag, etag);
        if (row is null)
        {
            context.Add(new XcapDocumentRow
            {
                Auid = key.Auid, Xui = key.Xui, Name = key.Name, ETag = etag, Content = content.ToArray(), ChangedAt = now,
            });
        }
        else
        {
            row.Content = content.ToArray();
            row.ETag = etag;
            row.ChangedAt = now;
        }

        return outcome == XcapEditOutcome.Deleted ? XcapAnswer.Deleted(etag)
            : XcapAnswer.Stored(etag, outcome == XcapEditOutcome.Created);
    }

    /// <summary>Makes the change of a node on a copy of the document.</summary>
    private XcapAnswer? Edit(XcapDocumentRow row, ReadOnlyMemory<byte> body, out XcapEdit edit, out ReadOnlyMemory<byte> content)
    {
        NodeSelector node = act.Target.Node!;
        XcapDocument document = XcapDocument.Of(act.Target.Usage, row.Content, realm.Settings.Limits);
        edit = act.Operation == XcapOperation.Delete ? document.Delete(node) : document.Put(node, body.Span);
        content = edit.Outcome is XcapEditOutcome.NotFound or XcapEditOutcome.Refused ? default(ReadOnlyMemory<byte>)
            : document.Write();
        if (edit.Outcome == XcapEditOutcome.NotFound)
        {
            return XcapAnswer.Refuse(ServicesError.UnknownNode);
        }

        return edit.Error is not { } kind ? null : XcapAnswer.Refuse(XcapConflicts.Of(kind) with
        {
            Ancestor = kind == XcapErrorKind.NoParent ? noParentUri(edit.ExistingSteps) : null,
        });
    }

    private XcapError? Check(ReadOnlyMemory<byte> content)
    {
        if (content.Length > realm.Settings.Limits.MaxOctets)
        {
            return XcapConflicts.Of(XcapErrorKind.ConstraintFailure, "the document is too long");
        }

        if (!XcapDocument.IsUtf8(content.Span))
        {
            return XcapConflicts.Of(XcapErrorKind.NotUtf8);
        }

        try
        {
            return realm.CheckSchema(act.Target, content);
        }
        catch (McServicesFormatException fault)
        {
            return fault.Fault == McServicesFormatFault.NotXml
                ? XcapConflicts.Of(XcapErrorKind.NotWellFormed)
                : XcapConflicts.Of(XcapErrorKind.ConstraintFailure,
                    "the document has too many elements, or too many within each other");
        }
    }

    private async Task<bool> IsFullAsync(DocumentKey key, CancellationToken cancellationToken) => key.Xui.Length > 0
        && await context.Set<XcapDocumentRow>().CountAsync(row => row.Auid == key.Auid && row.Xui == key.Xui, cancellationToken)
            >= realm.Settings.MaxDocumentsPerUser;

    private void Record(DocumentKey key, string? previous, string? next) => context.Add(new XcapChangeRow
    {
        Auid = key.Auid, Xui = key.Xui, Name = key.Name, PreviousETag = previous, NewETag = next, At = now,
    });
}
