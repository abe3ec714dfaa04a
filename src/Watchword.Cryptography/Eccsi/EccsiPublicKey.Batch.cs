using System.Runtime.CompilerServices;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Eccsi;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography;

/// <content>Many signatures at once.</content>
public sealed partial class EccsiPublicKey
{
    private const int PartSize = 64;

    /// <summary>
    /// Verifies many signatures, each as <see cref="Verify"/> does; true if all are valid. Signers that are not known yet are
    /// served four at a time. Allocates nothing on one thread.
    /// </summary>
    /// <param name="messages">The messages with their signatures.</param>
    /// <param name="valid">Receives the verdict on each, in their order.</param>
    /// <param name="maxDegreeOfParallelism">How many threads may work; -1 is one for each processor.</param>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads is neither positive nor -1.</exception>
    public bool VerifyAll(ReadOnlyMemory<EccsiSignedMessage> messages, Memory<bool> valid, int maxDegreeOfParallelism = 1)
    {
        Lengths.RequireDestination(valid.Length, messages.Length, nameof(valid));
        BatchWork.Run(new VerifyWork(this, messages, valid), messages.Length, PartSize, maxDegreeOfParallelism);
        return !valid.Span.Contains(false);
    }

    private void VerifyPart(ReadOnlySpan<EccsiSignedMessage> messages, Span<bool> valid)
    {
        Unsafe.SkipInit(out FourUnknown storage);
        Span<Unknown> waiting = storage;
        int count = 0;
        for (int i = 0; i < messages.Length; i++)
        {
            ref Unknown unknown = ref waiting[count];
            EccsiSignedMessage message = messages[i];
            ReadOnlySpan<byte> signature = message.Signature.Span;
            valid[i] = false;
            if (!SignatureClaim.TryRead(octets, message.Identity.Span, message.Message.Span, signature, out unknown.Claim))
            {
                continue;
            }

            if (SignerTables.Find(unknown.Claim.Signer) is { } known)
            {
                valid[i] = VerifyKnown(known, unknown.Claim);
            }
            else if (P256Point.TryDecode(SignatureClaim.TokenOf(signature), out unknown.Token))
            {
                unknown.Index = i;
                count++;
            }

            if (count == waiting.Length)
            {
                VerifyFour(waiting, valid);
                count = 0;
            }
        }

        VerifyRest(waiting[..count], valid);
    }

    /// <summary>At most three signatures: three are faster as four, fewer one by one.</summary>
    private void VerifyRest(Span<Unknown> waiting, Span<bool> valid)
    {
        if (waiting.Length == 3)
        {
            VerifyFour(waiting, valid);
            return;
        }

        foreach (ref Unknown unknown in waiting)
        {
            valid[unknown.Index] = VerifyUnknown(unknown.Claim, unknown.Token);
        }
    }

    /// <summary>[s r HS]PVT in a lane for each; the rest one by one.</summary>
    private void VerifyFour(Span<Unknown> unknown, Span<bool> valid)
    {
        const int Words = 4;
        P256QuadPoint points = P256QuadPoint.Identity;
        Span<ulong> scalars = stackalloc ulong[P256Quad.Lanes * Words];
        scalars.Fill(1); // What is not set stays odd.
        for (int lane = 0; lane < unknown.Length; lane++)
        {
            Span<ulong> scalar = scalars.Slice(lane * Words, Words);
            P256Scalar factor = unknown[lane].Claim.OfSigner * unknown[lane].Claim.IdentityHash;
            factor.CopyIntegerTo(scalar);
            bool even = (scalar[0] & 1) == 0;
            if (even)
            {
                // q - k is odd: [k]PVT = [q - k](-PVT), also for 0, which gives q.
                ulong borrow = 0;
                for (int i = 0; i < Words; i++)
                {
                    scalar[i] = Limbs.SubtractWithBorrow(P256Order.Value[i], scalar[i], ref borrow);
                }
            }

            points.SetLane(lane, even ? -unknown[lane].Token : unknown[lane].Token);
        }

        Unsafe.SkipInit(out Multiples multiples);
        P256Straus.MultiplyVarTime(
            new ReadOnlySpan<P256QuadPoint>(in points), scalars, Words, multiples, out P256QuadPoint products);
        for (int lane = 0; lane < unknown.Length; lane++)
        {
            ref Unknown one = ref unknown[lane];
            P256QuadPoint.SelectLane(products, lane, out P256QuadPoint sum);
            valid[one.Index] = VerifySum(one.Claim, ref sum) && Remember(one.Claim, one.Token);
        }
    }

    private readonly struct VerifyWork(
        EccsiPublicKey key, ReadOnlyMemory<EccsiSignedMessage> messages, Memory<bool> valid) : IBatchWork
    {
        public void Run(int first, int count) =>
            key.VerifyPart(messages.Span.Slice(first, count), valid.Span.Slice(first, count));
    }

    private struct Unknown
    {
        public SignatureClaim Claim;
        public P256Point Token;
        public int Index;
    }

    [InlineArray(P256Quad.Lanes)]
    private struct FourUnknown
    {
        private Unknown unknown;
    }

    [InlineArray(P256Straus.MultipleCount)]
    private struct Multiples
    {
        private P256QuadPoint multiple;
    }
}
