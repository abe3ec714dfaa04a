namespace Watchword.Mikey.Tests;

/// <summary>Reading a message allocates what it gives back and nothing else.</summary>
public class AllocationTests
{
    public static TheoryData<string> Distributions => KeyMessageTests.Distributions;

    [Theory]
    [MemberData(nameof(Distributions))]
    public void Reading_allocates_nothing_beyond_its_result(string name)
    {
        KeyDistribution distribution = KeyMessageTests.Named(name);
        byte[] octets = TestDomain.Home.Make(distribution, new KeyMessageOptions
        {
            Sessions = distribution.Sessions,
            Parameters = new KeyParameters(distribution.Purpose),
            SakkeToSelf = true,
        });

        Measure(() => MikeyMessage.Parse(octets)).ShouldBe(Measure(() => Rebuild(octets)));
    }

    [Fact]
    public void Reading_a_message_with_the_other_map_and_strange_extensions_allocates_nothing_beyond_its_result()
    {
        byte[] octets = MessageFactory.Encode(
            MessageFactory.Payloads(new MikeyGeneralExtension(9, new byte[100]), new MikeyGeneralExtension(9, default)),
            new MikeySrtpIdMap([new MikeySrtpSession(0, 1, 2), new MikeySrtpSession(0, 3, 4)]));
        Measure(() => MikeyMessage.Parse(octets)).ShouldBe(Measure(() => Rebuild(octets)));
    }

    /// <summary>The least of several runs: the runtime may allocate while it looks at a method for the first time.</summary>
    private static long Measure(Func<MikeyMessage> make)
    {
        long least = long.MaxValue;
        for (int i = 0; i < 64; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            MikeyMessage message = make();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before - _rebuilt);
            _rebuilt = 0;
            GC.KeepAlive(message);
        }

        return least;
    }

    [ThreadStatic]
    private static long _rebuilt;

    /// <summary>Makes the same objects once more from what was read, and counts nothing but them.</summary>
    private static MikeyMessage Rebuild(byte[] octets)
    {
        long start = GC.GetAllocatedBytesForCurrentThread();
        MikeyMessage read = MikeyMessage.Parse(octets);
        _rebuilt = GC.GetAllocatedBytesForCurrentThread() - start;
        byte[] copy = octets.AsSpan().ToArray();
        MikeyHeader header = new(read.Header.CsbId, Rebuild(read.Header.Map));
        MikeyPayload[] payloads = new MikeyPayload[read.Payloads.Count];
        for (int i = 0; i < payloads.Length; i++)
        {
            payloads[i] = Rebuild(read.Payloads[i]);
        }

        return new MikeyMessage(copy, header, payloads);
    }

    private static MikeyCsIdMap Rebuild(MikeyCsIdMap map)
    {
        switch (map)
        {
            case MikeyGenericIdMap generic:
                MikeyGenericSession[] sessions = new MikeyGenericSession[generic.Count];
                for (int i = 0; i < sessions.Length; i++)
                {
                    MikeyGenericSession s = generic.Sessions[i];
                    sessions[i] = new MikeyGenericSession(s.CsId, s.SessionFlag, s.Policies, s.SessionData, s.Spi);
                }

                return MikeyGenericIdMap.Wrap(sessions);
            case MikeySrtpIdMap legacy:
                MikeySrtpSession[] streams = new MikeySrtpSession[legacy.Count];
                for (int i = 0; i < streams.Length; i++)
                {
                    streams[i] = legacy.Sessions[i];
                }

                return MikeySrtpIdMap.Wrap(streams);
            default:
                return map;
        }
    }

    private static MikeyPayload Rebuild(MikeyPayload payload)
    {
        switch (payload)
        {
            case MikeyTimestamp t:
                return new MikeyTimestamp(t.TimestampType, t.Value);
            case MikeyRandom r:
                return new MikeyRandom(r.Value);
            case MikeyIdentity i:
                return MikeyIdentity.Wrap(i.Role, i.IdentityType, i.Octets);
            case MikeySecurityPolicy p:
                MikeyPolicyParameter[] parameters = new MikeyPolicyParameter[p.Parameters.Count];
                for (int n = 0; n < parameters.Length; n++)
                {
                    parameters[n] = new MikeyPolicyParameter(p.Parameters[n].ParameterType, p.Parameters[n].Value);
                }

                return MikeySecurityPolicy.Wrap(p.PolicyNumber, parameters);
            case MikeySakke s:
                return new MikeySakke(s.Scheme, s.Encapsulated);
            case MikeyGeneralExtension { Sakke: { } inner } e:
                return MikeyGeneralExtension.Wrap(new MikeySakke(inner.Scheme, inner.Encapsulated), e.Data);
            case MikeyGeneralExtension e:
                return new MikeyGeneralExtension(e.ExtensionType, e.Data);
            default:
                return new MikeySignature(((MikeySignature)payload).Value);
        }
    }
}
