namespace Watchword.Kms;

/// <summary>What re-wrapping did to one document, or would do.</summary>
/// <param name="Name">The document.</param>
/// <param name="From">The key-encryption key that it was under.</param>
/// <param name="IsCurrent">True if it needed nothing.</param>
public sealed record RewrapStep(string Name, KeyEncryptionKeyParameters From, bool IsCurrent);

/// <summary>
/// Brings all custody documents under the current key-encryption key, one at a time: at every moment each opens under the old key
/// or the new one, so a crash costs nothing but a second run. The secrets and the data keys stay the same; a document of the
/// first format becomes one of the second.
/// </summary>
public sealed class CustodyRewrapping(EnvelopeCustody custody)
{
    /// <summary>What a run would do. Changes nothing.</summary>
    public async Task<IReadOnlyList<RewrapStep>> PlanAsync(CancellationToken cancellationToken = default) =>
        [.. (await custody.ListAsync(cancellationToken).ConfigureAwait(false))
            .Select(document => new RewrapStep(document.Name, document.Key, document.IsCurrent))];

    /// <summary>Re-wraps what is not under the current key.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.KeyEncryptionKeyNotConfigured"/>: a document is under neither key;
    /// <see cref="KmsError.CustodyChanged"/>: another node changed one meanwhile. What was done stays done.</exception>
    public async Task<IReadOnlyList<RewrapStep>> RunAsync(CancellationToken cancellationToken = default)
    {
        IReadOnlyList<RewrapStep> plan = await PlanAsync(cancellationToken).ConfigureAwait(false);
        foreach (RewrapStep step in plan.Where(step => !step.IsCurrent))
        {
            await RewrapAsync(step.Name, cancellationToken).ConfigureAwait(false);
        }

        return plan;
    }

    /// <summary>Opens every document under the current key alone. Only when this succeeds may the previous key be
    /// destroyed.</summary>
    /// <returns>How many there are.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.RewrapIncomplete"/>, with the first that is not.</exception>
    public async Task<int> FinishAsync(CancellationToken cancellationToken = default)
    {
        IReadOnlyList<RewrapStep> plan = await PlanAsync(cancellationToken).ConfigureAwait(false);
        if (plan.FirstOrDefault(step => !step.IsCurrent) is { } left)
        {
            throw new KmsException(KmsError.RewrapIncomplete, $"{left.Name} is under {left.From}");
        }

        foreach (RewrapStep step in plan)
        {
            byte[] content = await custody.ReadAsync(step.Name, cancellationToken).ConfigureAwait(false);
            using OpenDocument document = await custody.OpenAsync(content, step.Name, cancellationToken).ConfigureAwait(false);
            document.Check();
        }

        return plan.Count;
    }

    private async Task RewrapAsync(string name, CancellationToken cancellationToken)
    {
        byte[] before = await custody.ReadAsync(name, cancellationToken).ConfigureAwait(false);
        using OpenDocument document = await custody.OpenAsync(before, name, cancellationToken).ConfigureAwait(false);
        document.Check();
        IKeyEncryptionKey current = await custody.Keys.OpenCurrentAsync(cancellationToken).ConfigureAwait(false);
        byte[] after = document.Envelope.Rewrap(document.DataKey, current).Write();

        // What replaces the only copy is opened first, as a start would open it.
        using (OpenDocument check = await custody.OpenAsync(after, name, cancellationToken).ConfigureAwait(false))
        {
            check.Check();
        }

        if (!await custody.Documents.TryReplaceAsync(name, before, after, cancellationToken).ConfigureAwait(false))
        {
            throw new KmsException(KmsError.CustodyChanged, name);
        }
    }
}
