using BenchmarkDotNet.Attributes;
using Watchword.Benchmarks.Rows;
using Watchword.Cryptography;

namespace Watchword.Benchmarks.Suites;

/// <summary>ECCSI (RFC 6507). Verification is of a known signer: <c>rates</c> has the unknown one.</summary>
[MemoryDiagnoser]
public class EccsiBenchmarks
{
    private readonly byte[] identity = Identities.New();
    private readonly byte[] message = new byte[SignedMessages.MessageSize];
    private readonly byte[] ssk = new byte[EccsiSigningKey.SecretSizeInBytes];
    private readonly byte[] pvt = new byte[EccsiSigningKey.PublicTokenSizeInBytes];
    private readonly byte[] signature = new byte[EccsiSigningKey.SignatureSizeInBytes];
    private readonly byte[] goodSignature = new byte[EccsiSigningKey.SignatureSizeInBytes];
    private EccsiMasterKey master = null!;
    private EccsiSigningKey key = null!;

    [GlobalSetup]
    public void SetUp()
    {
        master = EccsiMasterKey.Generate();
        key = master.IssueSigningKey(identity);
        key.Sign(message, goodSignature);
    }

    [Benchmark]
    public void Issue() => master.IssueSigningKey(identity, ssk, pvt);

    [Benchmark]
    public void Sign() => key.Sign(message, signature);

    [Benchmark]
    public bool Verify() => master.PublicKey.Verify(identity, message, goodSignature);

    [Benchmark]
    public bool Validate() => key.Validate();
}
