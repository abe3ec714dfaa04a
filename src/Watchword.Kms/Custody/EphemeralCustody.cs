namespace Watchword.Kms;

/// <summary>Custody in memory, for tests: what it keeps ends with it. Wraps like the others do, under a random key.</summary>
public sealed class EphemeralCustody : EnvelopeCustody
{
    private readonly EphemeralKeySource _source;

    /// <summary>Empty custody.</summary>
    public EphemeralCustody()
        : this(new EphemeralKeySource())
    {
    }

    private EphemeralCustody(EphemeralKeySource source)
        : base(new MemoryDocuments(), source) => _source = source;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            _source.Dispose();
        }
    }
}
