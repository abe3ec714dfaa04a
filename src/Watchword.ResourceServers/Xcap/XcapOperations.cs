using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Watchword.McServices.Xcap;
using Watchword.ResourceServers.Http;
using Watchword.ResourceServers.Storage;

namespace Watchword.ResourceServers.Xcap;

/// <summary>
/// Reading and changing XCAP documents (RFC 4825 §8), without HTTP. A change is judged, made and recorded in one transaction, on
/// the document as it is then: an update that another got in before meets the conditions of its request anew.
/// </summary>
internal sealed class XcapOperations(ServicesTransactions transactions, XcapChangeSignal signal, TimeProvider time)
{
    private const int ETagDigits = 24;

    /// <summary>Reads a document or a node of it.</summary>
    public Task<XcapAnswer> ReadAsync(
        XcapRealm realm, XcapAct act, XcapConditions conditions, CancellationToken cancellationToken) =>
        transactions.ReadAsync(
            (context, cancellation) => ReadAsync(context, realm, act, conditions, cancellation), cancellationToken);

    /// <summary>Makes, replaces or deletes a document or a node of it.</summary>
    /// <param name="realm">The root.</param>
    /// <param name="act">The act, a write or a deletion.</param>
    /// <param name="body">What is put; empty for a deletion.</param>
    /// <param name="conditions">The conditions of the request.</param>
    /// <param name="noParentUri">The URI of an ancestor, given its steps.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<XcapAnswer> ChangeAsync(
        XcapRealm realm, XcapAct act, ReadOnlyMemory<byte> body, XcapConditions conditions, Func<int, string> noParentUri,
        CancellationToken cancellationToken)
    {
        XcapAnswer answer = await transactions.RunAsync(
            (context, cancellation) => new XcapChange(context, realm, act, conditions, noParentUri, time.GetUtcNow())
                .RunAsync(body, cancellation),
            cancellationToken);
        if (answer.Error == ServicesError.None)
        {
            signal.Set();
        }

        return answer;
    }

    /// <summary>An entity tag that no document ever had.</summary>
    public static string NewETag() => RandomNumberGenerator.GetHexString(ETagDigits, lowercase: true);

    private static async Task<XcapAnswer> ReadAsync(
        DbContext context, XcapRealm realm, XcapAct act, XcapConditions conditions, CancellationToken cancellationToken)
    {
        if (await realm.LocateAsync(context, act, null, cancellationToken) is not { } key)
        {
            return XcapAnswer.Refuse(ServicesError.UnknownUsage);
        }

        XcapDocumentRow? row = null;
        foreach (DocumentKey candidate in realm.Substitutes(act).Prepend(key))
        {
            row = await FindAsync(context, candidate, cancellationToken);
            if (row is not null)
            {
                break;
            }
        }

        ServicesError error = realm.Judge(act, row?.Content);
        if (error != ServicesError.None)
        {
            return XcapAnswer.Refuse(error);
        }

        return row is null ? XcapAnswer.Refuse(ServicesError.UnknownDocument) : Represent(realm, act, conditions, row);
    }

    private static XcapAnswer Represent(XcapRealm realm, XcapAct act, XcapConditions conditions, XcapDocumentRow row)
    {
        ReadOnlyMemory<byte> content = realm.Present(act, row.Content);
        if (act.Target.Node is { } node)
        {
            XcapDocument document = XcapDocument.Of(act.Target.Usage, content, realm.Settings.Limits);
            if (document.Read(node) is not { } selected)
            {
                return XcapAnswer.Refuse(ServicesError.UnknownNode);
            }

            content = selected;
        }

        if (!conditions.AllowRead(row.ETag))
        {
            return XcapAnswer.Refuse(ServicesError.PreconditionFailed);
        }

        return conditions.IsUnchanged(row.ETag)
            ? XcapAnswer.NotModified(row.ETag)
            : XcapAnswer.Content(row.ETag, XcapMediaTypes.Of(act.Target), content);
    }

    public static Task<XcapDocumentRow?> FindAsync(DbContext context, DocumentKey key, CancellationToken cancellationToken) =>
        context.Set<XcapDocumentRow>().SingleOrDefaultAsync(
            row => row.Auid == key.Auid && row.Xui == key.Xui && row.Name == key.Name, cancellationToken);
}
