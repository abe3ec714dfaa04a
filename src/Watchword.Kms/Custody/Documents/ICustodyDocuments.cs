namespace Watchword.Kms;

/// <summary>
/// Where custody keeps its documents: a directory, or a database that several nodes share. Everything in them is public or
/// sealed. Names are lower-case letters, digits, <c>-</c> and <c>.</c>, at most <see cref="MaxNameLength"/>; a document has at
/// most
/// <see cref="MaxOctets"/>.
/// </summary>
public interface ICustodyDocuments
{
    /// <summary>Longest name.</summary>
    const int MaxNameLength = 128;

    /// <summary>Longest document.</summary>
    const int MaxOctets = 64 * 1024;

    /// <summary>The names of all documents, in ordinal order.</summary>
    Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default);

    /// <summary>A document, or null if there is none of that name.</summary>
    Task<byte[]?> ReadAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Writes a new document, whole or not at all, and durably.</summary>
    /// <returns>False if there is one of that name.</returns>
    Task<bool> TryCreateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default);

    /// <summary>Replaces a document in one step, durably.</summary>
    /// <returns>False if it is not <paramref name="expected"/> any more, octet by octet.</returns>
    Task<bool> TryReplaceAsync(
        string name, ReadOnlyMemory<byte> expected, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default);
}
