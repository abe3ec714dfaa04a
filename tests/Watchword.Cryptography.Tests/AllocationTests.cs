using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Fields;
using Watchword.Cryptography.Pairing;

namespace Watchword.Cryptography.Tests;

/// <summary>The arithmetic allocates nothing: what it works on lies on the stack, where it is overwritten.</summary>
[Collection(PrecomputationSettings.Name)]
public sealed class AllocationTests
{
    [Fact]
    public void Fields_allocate_nothing()
    {
        SakkeElement x = SakkeElement.FromOctets([3, 2, 1]);
        P256Scalar s = P256Scalar.FromOctets([9, 8, 7]);
        byte[] octets = new byte[128];
        Allocated(() =>
        {
            x = (x * x) + x.Invert() - x.Double();
            x.Encode(octets);
            _ = SakkeElement.Decode(octets, out x);
            s = (s * s) + s.Invert() - s.Double();
        }).ShouldBe(0);
    }

    [Fact]
    public void Curves_allocate_nothing()
    {
        SakkeScalar scalar = SakkeScalar.FromOctets([1, 2, 3]).Invert();
        P256Scalar small = P256Scalar.FromOctets([1, 2, 3]).Invert();
        byte[] octets = new byte[257];
        byte[] smallOctets = new byte[65];
        Allocated(() =>
        {
            SakkePoint point = SakkeCurve.MultiplyGenerator(scalar);
            _ = point.Encode(octets);
            _ = SakkePoint.TryDecode(octets, out point);
            _ = VarTimeMultiplication.Multiply(point, SakkeOrder.Value);
            P256Point other = P256.MultiplyGenerator(small);
            _ = other.Encode(smallOctets);
            _ = VarTimeMultiplication.Multiply(other, P256Order.Value);
        }).ShouldBe(0);
    }

    [Fact]
    public void The_pairing_allocates_nothing()
    {
        SakkeAffinePoint point = SakkeAffinePoint.From(SakkeCurve.Generator);
        SakkeScalar scalar = SakkeScalar.FromOctets([1, 2, 3]).Invert();
        byte[] octets = new byte[128];
        Allocated(() =>
        {
            TatePairing.Pair(point, point).Encode(octets);
            SakkeTargetGroup.PowerOfGenerator(scalar).Encode(octets);
        }).ShouldBe(0);
    }

    [Fact]
    public void Receiver_keys_are_issued_and_validated_without_allocation()
    {
        using SakkeMasterKey master = SakkeMasterKey.Generate();
        using SakkeReceiverKey key = master.IssueReceiverKey("bob"u8);
        byte[] octets = new byte[SakkeReceiverKey.SizeInBytes];
        Allocated(() =>
        {
            master.IssueReceiverKey("bob"u8, octets);
            _ = key.Validate();
            _ = key.IsOnCurve();
        }).ShouldBe(0);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(32)]
    [InlineData(1000)]
    public void Encapsulation_allocates_nothing(int identityLength)
    {
        using SakkeMasterKey master = SakkeMasterKey.Generate();
        byte[] identity = new byte[identityLength];
        byte[] secret = new byte[SakkePublicKey.SharedSecretSizeInBytes];
        byte[] encapsulated = new byte[SakkePublicKey.EncapsulatedSizeInBytes];

        // The third use makes the recipient's table; the runtime itself remembers a cast that it meets for the first time.
        for (int i = 0; i <= Precomputation.UsesBeforeTable; i++)
        {
            master.PublicKey.EncapsulateSecret(identity, secret, encapsulated);
        }

        Allocated(() => master.PublicKey.EncapsulateSecret(identity, secret, encapsulated)).ShouldBe(0);
        Allocated(() => master.PublicKey.Encapsulate(identity, secret, encapsulated)).ShouldBe(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Decapsulation_allocates_nothing(bool withTables)
    {
        using SakkeMasterKey master = SakkeMasterKey.Generate();
        using SakkeReceiverKey key = master.IssueReceiverKey("bob"u8);
        byte[] secret = new byte[SakkePublicKey.SharedSecretSizeInBytes];
        byte[] encapsulated = new byte[SakkePublicKey.EncapsulatedSizeInBytes];

        // The identity's table is made at the third use, the key's lines at the third message that it opens.
        for (int i = 0; i < Precomputation.UsesBeforeTable; i++)
        {
            master.PublicKey.Encapsulate("bob"u8, secret, encapsulated);
        }

        if (withTables)
        {
            key.Precompute();
        }

        // Twice: the third use would make the lines.
        Allocated(() => _ = key.TryDecapsulate(encapsulated, secret)).ShouldBe(0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(130)]
    public void Batches_on_one_thread_allocate_nothing(int count)
    {
        using SakkeMasterKey master = SakkeMasterKey.Generate();
        ReadOnlyMemory<byte>[] identities = [.. Enumerable.Range(0, count).Select(i => (ReadOnlyMemory<byte>)new byte[i])];
        byte[] keys = new byte[count * SakkeReceiverKey.SizeInBytes];
        byte[] encapsulated = new byte[count * SakkePublicKey.EncapsulatedSizeInBytes];
        byte[] secret = new byte[SakkePublicKey.SharedSecretSizeInBytes];
        SakkeReceiverKey[] issued = [.. identities.Take(2).Select(identity => master.IssueReceiverKey(identity.Span))];
        bool[] valid = new bool[issued.Length];
        Allocated(() => master.IssueReceiverKeys(identities, keys)).ShouldBe(0);
        Allocated(() => master.PublicKey.EncapsulateSecretToAll(identities, secret, encapsulated)).ShouldBe(0);
        Allocated(() => _ = SakkeReceiverKey.ValidateAll(issued, valid)).ShouldBe(0);
    }

    private static long Allocated(Action action)
    {
        action(); // Static tables are made on first use.
        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
