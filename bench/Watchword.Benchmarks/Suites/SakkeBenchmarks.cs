using BenchmarkDotNet.Attributes;
using Watchword.Benchmarks.Rows;
using Watchword.Cryptography;

namespace Watchword.Benchmarks.Suites;

/// <summary>SAKKE (RFC 6508).</summary>
[MemoryDiagnoser]
public class SakkeBenchmarks
{
    private readonly byte[] identity = Identities.New();
    private readonly byte[] rsk = new byte[SakkeReceiverKey.SizeInBytes];
    private readonly byte[] secret = new byte[SakkePublicKey.SharedSecretSizeInBytes];
    private readonly byte[] capsule = new byte[SakkePublicKey.EncapsulatedSizeInBytes];
    private readonly byte[] goodCapsule = new byte[SakkePublicKey.EncapsulatedSizeInBytes];
    private SakkeMasterKey master = null!;
    private SakkeReceiverKey key = null!;

    [GlobalSetup]
    public void SetUp()
    {
        master = SakkeMasterKey.Generate();
        key = master.IssueReceiverKey(identity);
        key.Precompute();
        master.PublicKey.Encapsulate(identity, secret, goodCapsule);
    }

    [Benchmark]
    public void Issue() => master.IssueReceiverKey(identity, rsk);

    [Benchmark]
    public bool Validate() => key.Validate();

    [Benchmark]
    public void EncapsulateToNew() => master.PublicKey.EncapsulateSecret(Identities.New(), secret, capsule);

    [Benchmark]
    public void EncapsulateToKnown() => master.PublicKey.EncapsulateSecret(identity, secret, capsule);

    [Benchmark]
    public bool Decapsulate() => key.TryDecapsulate(goodCapsule, secret);
}
