namespace Watchword.Cryptography.Tests.Eccsi;

/// <summary>Each single operation allocates nothing, once the tables are there.</summary>
[Collection(PrecomputationSettings.Name)]
public sealed class EccsiAllocationTests
{
    private static readonly byte[] Identity = new byte[32];

    [Fact]
    public void Issuing_allocates_nothing()
    {
        using EccsiMasterKey master = EccsiMasterKey.Generate();
        using EccsiDerivationKey derivation = EccsiDerivationKey.Generate();
        byte[] ssk = new byte[EccsiSigningKey.SecretSizeInBytes];
        byte[] pvt = new byte[EccsiSigningKey.PublicTokenSizeInBytes];
        Allocated(() =>
        {
            master.IssueSigningKey(Identity, ssk, pvt);
            master.IssueSigningKey(Identity, derivation, ssk, pvt);
        }).ShouldBe(0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(64)]
    [InlineData(5000)]
    public void Signing_and_verification_allocate_nothing(int length)
    {
        using EccsiMasterKey master = EccsiMasterKey.Generate();
        using EccsiSigningKey key = master.IssueSigningKey(Identity);
        byte[] message = new byte[length];
        byte[] signature = new byte[EccsiSigningKey.SignatureSizeInBytes];
        Allocated(() =>
        {
            key.Validate().ShouldBeTrue();
            key.Sign(message, signature);
            master.PublicKey.Verify(Identity, message, signature).ShouldBeTrue();
            signature[40] ^= 1;
            master.PublicKey.Verify(Identity, message, signature).ShouldBeFalse();
        }).ShouldBe(0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(70)]
    public void Batches_on_one_thread_allocate_nothing(int count)
    {
        using EccsiMasterKey master = EccsiMasterKey.Generate();
        using EccsiDerivationKey derivation = EccsiDerivationKey.Generate();
        ReadOnlyMemory<byte>[] identities = [.. Enumerable.Range(0, count).Select(i => (ReadOnlyMemory<byte>)new byte[i])];
        EccsiSigningKey[] keys = [.. identities.Select(identity => master.IssueSigningKey(identity.Span))];
        EccsiSignedMessage[] messages = [.. keys.Select(key => Sign(key))];
        byte[] ssks = new byte[count * EccsiSigningKey.SecretSizeInBytes];
        byte[] pvts = new byte[count * EccsiSigningKey.PublicTokenSizeInBytes];
        bool[] valid = new bool[count];
        Allocated(() =>
        {
            master.IssueSigningKeys(identities, ssks, pvts);
            master.IssueSigningKeys(identities, derivation, ssks, pvts);
            EccsiSigningKey.ValidateAll(keys, valid).ShouldBeTrue();
            master.PublicKey.VerifyAll(messages, valid).ShouldBeTrue();
        }).ShouldBe(0);
    }

    private static EccsiSignedMessage Sign(EccsiSigningKey key)
    {
        byte[] signature = new byte[EccsiSigningKey.SignatureSizeInBytes];
        key.Sign(Identity, signature);
        return new EccsiSignedMessage(key.Identity.ToArray(), Identity, signature);
    }

    private static long Allocated(Action action)
    {
        // Static tables are made on first use, those of the KPAK and of the signer at the third.
        for (int i = 0; i < 8; i++)
        {
            action();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
