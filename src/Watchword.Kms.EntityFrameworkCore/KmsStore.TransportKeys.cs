using System.Diagnostics.CodeAnalysis;
using Microsoft.EntityFrameworkCore;

namespace Watchword.Kms.EntityFrameworkCore;

public sealed partial class KmsStore
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<TransportKeyClient>> FindTransportKeyClientsAsync(
        string kmsUri, IReadOnlyCollection<string> userUris, CancellationToken cancellationToken = default) =>
        _transportKeyClients.FindAsync(
            [.. userUris.Order(StringComparer.Ordinal).Select(uri => (kmsUri, uri))], cancellationToken);

    /// <summary>Every request asks for the clients of its identities, and most have none.</summary>
    private Task<IReadOnlyDictionary<(string KmsUri, string UserUri), List<TransportKeyClient>>> ReadTransportKeyClientsAsync(
        IReadOnlyCollection<(string KmsUri, string UserUri)> wanted) =>
        ReadAsync<IReadOnlyDictionary<(string KmsUri, string UserUri), List<TransportKeyClient>>>(async context =>
        {
            Dictionary<(string KmsUri, string UserUri), List<TransportKeyClient>> found = [];
            List<long> enrolled = [];
            StoreQuery[] queries =
            [
                .. wanted.GroupBy(one => one.KmsUri, one => one.UserUri).Select(domain => new StoreQuery(
                    $"""
                    SELECT "Id" FROM "TransportKeyClient"
                    WHERE "KmsUri" = $1 AND {_provider.AnyOf("\"UserUri\"", ColumnKind.Text, 2)}
                    """,
                    [QueryValue.Of(domain.Key), QueryValue.AnyOf(domain)],
                    row => enrolled.Add(row.GetInt64(0)))),
            ];
            await _provider.QueryAsync(context, queries, CancellationToken.None);
            if (enrolled.Count == 0)
            {
                return found;
            }

            List<TransportKeyClientRow> rows = await context.TransportKeyClients.AsNoTracking()
                .Where(row => enrolled.Contains(row.Id))
                .Include(row => row.Pairs).AsSingleQuery()
                .OrderBy(row => row.UserUri).ThenBy(row => row.ClientId)
                .ToListAsync(CancellationToken.None);
            foreach (IGrouping<(string KmsUri, string UserUri), TransportKeyClient> identity in rows
                .Select(row => row.ToRecord()).GroupBy(client => (client.KmsUri, client.UserUri)))
            {
                found.Add(identity.Key, [.. identity]);
            }

            return found;
        });

    /// <inheritdoc/>
    [SuppressMessage("Globalization", "CA1310", Justification = "Becomes SQL, which compares octet by octet.")]
    public Task<IReadOnlyList<TransportKeyClient>> ReadTransportKeyClientsAsync(
        string kmsUri, (string UserUri, string ClientId)? after, int count, CancellationToken cancellationToken = default)
    {
        (string userUri, string clientId) = after ?? (string.Empty, string.Empty);
        return ReadAsync<IReadOnlyList<TransportKeyClient>>(async context =>
        {
            List<TransportKeyClientRow> rows = await context.TransportKeyClients.AsNoTracking()
                .Where(row => row.KmsUri == kmsUri && (string.Compare(row.UserUri, userUri) > 0
                    || (row.UserUri == userUri && string.Compare(row.ClientId, clientId) > 0)))
                .OrderBy(row => row.UserUri).ThenBy(row => row.ClientId).Take(count)
                .Include(row => row.Pairs).AsSingleQuery()
                .ToListAsync(cancellationToken);
            return [.. rows.Select(row => row.ToRecord())];
        });
    }

    /// <inheritdoc/>
    public async Task ChangeTransportKeyClientAsync(
        string kmsUri, string userUri, Func<IReadOnlyList<TransportKeyClient>, TransportKeyStep?> decide,
        CancellationToken cancellationToken = default)
    {
        int erased = 0;
        await ActAsync(
            async transaction =>
            {
                erased = 0;
                List<TransportKeyClientRow> rows = await transaction.Context.TransportKeyClients
                    .Where(row => row.KmsUri == kmsUri && row.UserUri == userUri)
                    .Include(row => row.Pairs).AsSingleQuery().OrderBy(row => row.ClientId)
                    .ToListAsync(CancellationToken.None);
                string[] before = [.. CurrentKeysOf(rows)];
                if (Decide(decide, [.. rows.Select(row => row.ToRecord())], step => step.Entries) is not { } step)
                {
                    return [];
                }

                TransportKeyClientRow? row = rows.Find(row => row.ClientId == step.After.ClientId);
                if (row is null)
                {
                    row = new TransportKeyClientRow { KmsUri = kmsUri, UserUri = userUri, ClientId = step.After.ClientId };
                    transaction.Context.TransportKeyClients.Add(row);
                    rows.Add(row);
                }

                Apply(step.After, row);
                string[] after = [.. CurrentKeysOf(rows)];
                erased = before.SequenceEqual(after, StringComparer.Ordinal)
                    ? 0
                    : await transaction.Context.EraseOfIdentityAsync(kmsUri, userUri, after);
                return step.Entries;
            },
            cancellationToken);
        await ForgetAsync(erased);
    }

    /// <summary>The transport keys that the clients of an identity hold, under which key sets may be sealed.</summary>
    private static IEnumerable<string> CurrentKeysOf(IEnumerable<TransportKeyClientRow> rows) => rows
        .SelectMany(row => row.Pairs).Where(pair => pair.State == TransportKeyPairState.Current)
        .Select(pair => pair.TransportKeyId).Order(StringComparer.Ordinal);

    private static void Apply(TransportKeyClient after, TransportKeyClientRow row)
    {
        row.State = after.State;
        row.StateChangedAt = after.StateChangedAt.ToUnixTimeMilliseconds();
        row.LastSeenAt = after.LastSeenAt?.ToUnixTimeMilliseconds();
        row.IsExportable = after.IsExportable;
        row.WrapProfile = after.WrapProfile;
        row.LastNumber = after.LastNumber;
        row.Pairs.RemoveAll(known => after.Pairs.All(pair => pair.Number != known.Number));
        foreach (TransportKeyPair pair in after.Pairs)
        {
            TransportKeyPairRow? known = row.Pairs.Find(known => known.Number == pair.Number);
            if (known is null)
            {
                row.Pairs.Add(pair.ToRow());
                continue;
            }

            known.State = pair.State;
            known.ReplacedAt = pair.ReplacedAt?.ToUnixTimeMilliseconds();
        }
    }
}
