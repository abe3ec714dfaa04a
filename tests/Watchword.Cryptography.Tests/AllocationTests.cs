using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Fields;
using Watchword.Cryptography.Pairing;

namespace Watchword.Cryptography.Tests;

/// <summary>The arithmetic allocates nothing: what it works on lies on the stack, where it is overwritten.</summary>
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
            _ = VarTimeMultiplication.MultiplyAdd(other, P256Order.Value, other, P256Order.Value);
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
    public void Signatures_and_their_keys_allocate_nothing()
    {
        using EccsiMasterKey master = EccsiMasterKey.Generate();
        using EccsiDerivationKey derivation = EccsiDerivationKey.Generate();
        byte[] identity = new byte[32];
        byte[] longMessage = new byte[5000];
        byte[] ssk = new byte[EccsiSigningKey.SecretSizeInBytes];
        byte[] pvt = new byte[EccsiSigningKey.PublicTokenSizeInBytes];
        byte[] signature = new byte[EccsiSigningKey.SignatureSizeInBytes];
        using EccsiSigningKey key = master.IssueSigningKey(identity);
        Allocated(() =>
        {
            master.IssueSigningKey(identity, ssk, pvt);
            master.IssueSigningKey(identity, derivation, ssk, pvt);
            key.Validate().ShouldBeTrue();
            key.Sign(longMessage, signature);
            key.Sign(identity, signature);
            master.PublicKey.Verify(identity, longMessage, signature).ShouldBeFalse();
            master.PublicKey.Verify(identity, identity, signature).ShouldBeTrue();
        },
        warmUp: 8).ShouldBe(0); // The third good signature makes a table of the signer.
    }

    private static long Allocated(Action action, int warmUp = 1)
    {
        for (int i = 0; i < warmUp; i++)
        {
            action(); // Static tables are made on first use.
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
