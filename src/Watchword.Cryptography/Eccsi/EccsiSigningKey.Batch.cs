using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Eccsi;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography;

/// <content>Many signing keys at once.</content>
public sealed partial class EccsiSigningKey
{
    private const int PartSize = 64;
    private const int CoefficientWords = 2;

    /// <summary>
    /// Validates many signing keys, of any KMS, each as <see cref="Validate"/> does; true if all are valid. Allocates nothing on
    /// one thread.
    /// </summary>
    /// <remarks>
    /// Keys of one KMS are checked together: the sum of all [SSK]G - [HS]PVT - KPAK, each times a random coefficient that nobody
    /// could foresee, is infinity. If one of them is not, the sum is infinity with a probability of 2^-127. Parts whose sum is
    /// another point are halved until the bad keys stand alone.
    /// </remarks>
    /// <param name="keys">The keys.</param>
    /// <param name="valid">Receives the verdict on each, in their order.</param>
    /// <param name="maxDegreeOfParallelism">How many threads may work; -1 is one for each processor.</param>
    /// <exception cref="ArgumentException">The destination has another length, or a key is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads is neither positive nor -1.</exception>
    /// <exception cref="ObjectDisposedException">A key was disposed.</exception>
    public static bool ValidateAll(ReadOnlyMemory<EccsiSigningKey> keys, Memory<bool> valid, int maxDegreeOfParallelism = 1)
    {
        Lengths.RequireDestination(valid.Length, keys.Length, nameof(valid));
        Lengths.RequireMembers(keys.Span, nameof(keys));
        BatchWork.Run(new ValidateWork(keys, valid), keys.Length, PartSize, maxDegreeOfParallelism);
        return !valid.Span.Contains(false);
    }

    /// <summary>At most <see cref="PartSize"/> keys, those of one KMS together.</summary>
    private static void ValidatePart(ReadOnlySpan<EccsiSigningKey> keys, Span<bool> valid)
    {
        Unsafe.SkipInit(out MemberArray storage);
        Span<Member> members = storage;
        int count = 0;
        for (int i = 0; i < keys.Length; i++)
        {
            valid[i] = false;
            EccsiSigningKey key = keys[i];
            ref Member member = ref members[count];
            P256Scalar hs = P256Scalar.FromReduced(key.identityHash);
            bool sound = EccsiScalars.TryDecode(key.secret.Span, out P256Scalar ssk);
            ssk.Clear();
            if (sound && !hs.IsZero().Reveal() && P256Point.TryDecode(key.publicToken, out member.Token))
            {
                member.InverseHash = hs;
                member.Index = i;
                count++;
            }
        }

        InvertHashes(members[..count]);
        ValidateByAuthority(keys, members[..count], valid);
    }

    private static void InvertHashes(Span<Member> members)
    {
        Unsafe.SkipInit(out ScalarArray inverses);
        Unsafe.SkipInit(out ScalarArray scratch);
        Span<P256Scalar> hashes = inverses;
        for (int i = 0; i < members.Length; i++)
        {
            hashes[i] = members[i].InverseHash;
        }

        P256Scalar.InvertAll(hashes[..members.Length], scratch);
        for (int i = 0; i < members.Length; i++)
        {
            members[i].InverseHash = hashes[i];
        }
    }

    private static void ValidateByAuthority(ReadOnlySpan<EccsiSigningKey> keys, Span<Member> members, Span<bool> valid)
    {
        while (!members.IsEmpty)
        {
            // The members of the first one's KMS go to the front.
            EccsiPublicKey authority = keys[members[0].Index].Authority;
            int count = 1;
            for (int i = 1; i < members.Length; i++)
            {
                if (authority.Equals(keys[members[i].Index].Authority))
                {
                    (members[count], members[i]) = (members[i], members[count]);
                    count++;
                }
            }

            ValidateGroup(keys, members[..count], valid);
            members = members[count..];
        }
    }

    private static void ValidateGroup(ReadOnlySpan<EccsiSigningKey> keys, ReadOnlySpan<Member> members, Span<bool> valid)
    {
        if (members.Length == 1)
        {
            valid[members[0].Index] = keys[members[0].Index].Validate();
        }
        else if (IsCombinationInfinity(keys, members))
        {
            foreach (ref readonly Member member in members)
            {
                valid[member.Index] = true;
            }
        }
        else
        {
            int half = members.Length / 2;
            ValidateGroup(keys, members[..half], valid);
            ValidateGroup(keys, members[half..], valid);
        }
    }

    /// <summary>
    /// Whether the sum of t/HS ([SSK]G - [HS]PVT - KPAK) is infinity, with a random odd t of 128 bits for each: PVT is multiplied
    /// by a scalar of half the length, and t/HS takes as many values as t does. Constant time in the SSKs.
    /// </summary>
    private static bool IsCombinationInfinity(ReadOnlySpan<EccsiSigningKey> keys, ReadOnlySpan<Member> members)
    {
        Unsafe.SkipInit(out Work work);
        Span<P256QuadPoint> points = work.Points;
        Span<ulong> coefficients = stackalloc ulong[PartSize * CoefficientWords];
        int quads = (members.Length + P256Quad.Lanes - 1) / P256Quad.Lanes;
        points = points[..quads];
        points[^1] = P256QuadPoint.Identity; // Lanes that no member takes.
        RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(coefficients[..(quads * P256Quad.Lanes * CoefficientWords)]));
        P256Scalar ofGenerator = default;
        P256Scalar ofAuthority = default;
        Span<ulong> words = stackalloc ulong[4];
        for (int i = 0; i < quads * P256Quad.Lanes; i++)
        {
            coefficients[i * CoefficientWords] |= 1;
            if (i < members.Length)
            {
                words.Clear();
                coefficients.Slice(i * CoefficientWords, CoefficientWords).CopyTo(words);
                P256Scalar factor = P256Scalar.FromInteger(words) * members[i].InverseHash;
                _ = P256Scalar.Decode(keys[members[i].Index].secret.Span, out P256Scalar ssk);
                ofGenerator += factor * ssk;
                ofAuthority += factor;
                ssk.Clear();
                points[i / P256Quad.Lanes].SetLane(i % P256Quad.Lanes, members[i].Token);
            }
        }

        P256Straus.MultiplyVarTime(points, coefficients, CoefficientWords, work.Multiples, out P256QuadPoint sum);
        keys[members[0].Index].Authority.AddMultipleVarTime(ofAuthority, ref sum);
        P256LaneGroup.SumLanes(ref sum);
        bool equal = P256Point.AreEqual(P256.MultiplyGenerator(ofGenerator), sum.GetLane(0)).Reveal();
        ofGenerator.Clear();
        return equal;
    }

    private readonly struct ValidateWork(ReadOnlyMemory<EccsiSigningKey> keys, Memory<bool> valid) : IBatchWork
    {
        public void Run(int first, int count) => ValidatePart(keys.Span.Slice(first, count), valid.Span.Slice(first, count));
    }

    private struct Member
    {
        public P256Point Token;
        public P256Scalar InverseHash;
        public int Index;
    }

    private struct Work
    {
        public PointArray Points;
        public MultipleArray Multiples;
    }

    [InlineArray(PartSize)]
    private struct MemberArray
    {
        private Member member;
    }

    [InlineArray(PartSize)]
    private struct ScalarArray
    {
        private P256Scalar scalar;
    }

    [InlineArray(PartSize / P256Quad.Lanes)]
    private struct PointArray
    {
        private P256QuadPoint points;
    }

    [InlineArray(PartSize / P256Quad.Lanes * P256Straus.MultipleCount)]
    private struct MultipleArray
    {
        private P256QuadPoint multiple;
    }
}
