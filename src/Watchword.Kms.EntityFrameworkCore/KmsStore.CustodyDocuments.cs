using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;

namespace Watchword.Kms.EntityFrameworkCore;

public sealed partial class KmsStore
{
    /// <summary>Custody documents in this database, which all its nodes share. Valid as long as the store.</summary>
    public ICustodyDocuments CustodyDocuments => new DatabaseDocuments(this);

    /// <summary>
    /// Documents as rows: sealed octets as a file would hold them. Writers take turns by the transaction that holds the end of
    /// the audit log, so a document is there whole, on the disk, or not at all, and of two nodes that replace one the second is
    /// told.
    /// </summary>
    private sealed class DatabaseDocuments(KmsStore store) : ICustodyDocuments
    {
        public Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default) =>
            store.ReadAsync<IReadOnlyList<string>>(async context =>
            {
                List<string> names = await context.CustodyDocuments.Select(row => row.Name).ToListAsync(cancellationToken);
                return [.. names.Order(StringComparer.Ordinal)];
            });

        public Task<byte[]?> ReadAsync(string name, CancellationToken cancellationToken = default) =>
            store.ReadAsync(context => context.CustodyDocuments.AsNoTracking()
                .Where(row => row.Name == name).Select(row => row.Content).SingleOrDefaultAsync(cancellationToken));

        public async Task<bool> TryCreateAsync(
            string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
        {
            Check(name, content);
            bool created = false;
            await store.ActAsync(
                async context =>
                {
                    created = !await context.CustodyDocuments.AnyAsync(row => row.Name == name, CancellationToken.None);
                    if (created)
                    {
                        context.CustodyDocuments.Add(new CustodyDocumentRow { Name = name, Content = content.ToArray() });
                    }
                },
                [],
                cancellationToken);
            return created;
        }

        public async Task<bool> TryReplaceAsync(
            string name, ReadOnlyMemory<byte> expected, ReadOnlyMemory<byte> content,
            CancellationToken cancellationToken = default)
        {
            Check(name, content);
            bool replaced = false;
            await store.ActAsync(
                async context =>
                {
                    CustodyDocumentRow? row =
                        await context.CustodyDocuments.SingleOrDefaultAsync(row => row.Name == name, CancellationToken.None);
                    replaced = row is not null && CryptographicOperations.FixedTimeEquals(row.Content, expected.Span);
                    if (replaced)
                    {
                        row!.Content = content.ToArray();
                    }
                },
                [],
                cancellationToken);
            return replaced;
        }

        private static void Check(string name, ReadOnlyMemory<byte> content)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, ICustodyDocuments.MaxNameLength);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(content.Length, ICustodyDocuments.MaxOctets);
        }
    }
}
