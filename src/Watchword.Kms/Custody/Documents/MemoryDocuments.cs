using System.Collections.Concurrent;

namespace Watchword.Kms;

/// <summary>Custody documents in memory.</summary>
internal sealed class MemoryDocuments : ICustodyDocuments
{
    private readonly ConcurrentDictionary<string, byte[]> _documents = new(StringComparer.Ordinal);

    public Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<string>>([.. _documents.Keys.Order(StringComparer.Ordinal)]);

    public Task<byte[]?> ReadAsync(string name, CancellationToken cancellationToken = default) =>
        Task.FromResult(_documents.TryGetValue(name, out byte[]? content) ? content : null);

    public Task<bool> TryCreateAsync(
        string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
        Task.FromResult(_documents.TryAdd(name, content.ToArray()));

    public Task<bool> TryReplaceAsync(
        string name, ReadOnlyMemory<byte> expected, ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken = default) =>
        Task.FromResult(
            _documents.TryGetValue(name, out byte[]? current)
            && current.AsSpan().SequenceEqual(expected.Span)
            && _documents.TryUpdate(name, content.ToArray(), current));
}
