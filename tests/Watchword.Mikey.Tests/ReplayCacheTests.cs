namespace Watchword.Mikey.Tests;

public class ReplayCacheTests
{
    private static readonly DateTimeOffset _now = TestDomain.Now;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Initiator_CSB_ID_T_RAND_and_receiver_each_make_another_message(int changed)
    {
        MikeyReplayCache cache = new(new TestClock(_now));
        byte[] uid = TestDomain.Uid("a");
        cache.TryAdd(uid, Message(1, _now, 1), _now).ShouldBe(MikeyReplayCache.Addition.Added);

        byte[] otherUid = changed == 0 ? TestDomain.Uid("b") : uid;
        DateTimeOffset time = changed == 2 ? _now.AddTicks(1) : _now;
        MikeyMessage message = Message(changed == 1 ? 2u : 1u, time, changed == 3 ? (byte)2 : (byte)1, changed == 4 ? "sip:carol@example.org" : "sip:bob@example.org");
        cache.Contains(otherUid, message, time).ShouldBeFalse();
        cache.TryAdd(otherUid, message, time).ShouldBe(MikeyReplayCache.Addition.Added);
        cache.TryAdd(otherUid, message, time).ShouldBe(MikeyReplayCache.Addition.Known);
        cache.Contains(otherUid, message, time).ShouldBeTrue();
    }

    [Fact]
    public void Entries_leave_when_their_message_is_stale()
    {
        TestClock clock = new(_now);
        MikeyReplayCache cache = new(clock);
        byte[] uid = TestDomain.Uid("a");
        cache.TryAdd(uid, Message(1, _now, 1), _now);
        cache.TryAdd(uid, Message(2, _now.AddSeconds(100), 1), _now.AddSeconds(100));
        clock.Now = _now.AddSeconds(301);
        cache.TryAdd(uid, Message(3, clock.Now, 1), clock.Now);
        cache.Count.ShouldBe(2);
        clock.Now = _now.AddSeconds(1000);
        cache.TryAdd(uid, Message(4, clock.Now, 1), clock.Now);
        cache.Count.ShouldBe(1);
    }

    [Fact]
    public void A_clock_that_is_set_back_does_not_reopen_the_past()
    {
        TestClock clock = new(_now);
        MikeyReplayCache cache = new(clock);
        byte[] uid = TestDomain.Uid("a");
        MikeyMessage first = Message(1, _now, 1);
        cache.TryAdd(uid, first, _now);
        clock.Now = _now.AddSeconds(301);
        cache.TryAdd(uid, Message(2, clock.Now, 1), clock.Now);
        clock.Now = _now;

        cache.Contains(uid, first, _now).ShouldBeTrue();
        cache.TryAdd(uid, first, _now).ShouldBe(MikeyReplayCache.Addition.Known);
    }

    [Fact]
    public void A_full_cache_refuses_rather_than_forgets()
    {
        TestClock clock = new(_now);
        MikeyReplayCache cache = new(clock, capacity: 16);
        for (int i = 0; i < 16; i++)
        {
            cache.TryAdd(TestDomain.Uid($"user {i}"), Message(1, _now, 1), _now).ShouldBe(MikeyReplayCache.Addition.Added);
        }

        MikeyMessage next = Message(9, _now, 1);
        cache.TryAdd(TestDomain.Uid("one more"), next, _now).ShouldBe(MikeyReplayCache.Addition.Full);
        cache.Count.ShouldBe(16);
        clock.Now = _now.AddSeconds(300.5);
        cache.TryAdd(TestDomain.Uid("one more"), Message(9, clock.Now, 1), clock.Now).ShouldBe(MikeyReplayCache.Addition.Added);
    }

    [Fact]
    public void One_initiator_takes_a_sixteenth_and_leaves_room_for_others()
    {
        MikeyReplayCache cache = new(new TestClock(_now), capacity: 64);
        byte[] uid = TestDomain.Uid("busy");
        for (uint i = 0; i < 4; i++)
        {
            cache.TryAdd(uid, Message(i, _now, 1), _now).ShouldBe(MikeyReplayCache.Addition.Added);
        }

        cache.TryAdd(uid, Message(4, _now, 1), _now).ShouldBe(MikeyReplayCache.Addition.Full);
        cache.TryAdd(TestDomain.Uid("other"), Message(4, _now, 1), _now).ShouldBe(MikeyReplayCache.Addition.Added);
    }

    [Fact]
    public void A_saved_cache_knows_what_was_opened()
    {
        TestClock clock = new(_now);
        MikeyReplayCache cache = new(clock);
        byte[] uid = TestDomain.Uid("a");
        MikeyMessage old = Message(1, _now, 1);
        cache.TryAdd(uid, old, _now);
        clock.Now = _now.AddSeconds(200);
        MikeyMessage recent = Message(2, clock.Now, 1);
        cache.TryAdd(uid, recent, clock.Now);
        DateTimeOffset time = clock.Now;
        clock.Now = _now.AddSeconds(301);

        byte[] saved = cache.Save();
        saved.Length.ShouldBe(13 + 72);
        MikeyReplayCache.TryLoad(saved, clock, out MikeyReplayCache? loaded, TimeSpan.FromHours(1)).ShouldBeTrue();
        loaded.Count.ShouldBe(1);
        loaded.Contains(uid, recent, time).ShouldBeTrue();
        loaded.Contains(uid, old, _now).ShouldBeTrue("a wider window after loading must not reopen what was forgotten");
        loaded.TryAdd(uid, Message(3, clock.Now, 1), clock.Now).ShouldBe(MikeyReplayCache.Addition.Added);
        loaded.Save().Length.ShouldBe(13 + (2 * 72));
    }

    [Fact]
    public void Octets_that_are_not_a_saved_cache_are_refused()
    {
        TestClock clock = new(_now);
        MikeyReplayCache cache = new(clock);
        cache.TryAdd(TestDomain.Uid("a"), Message(1, _now, 1), _now);
        byte[] saved = cache.Save();
        for (int length = 0; length < saved.Length; length++)
        {
            MikeyReplayCache.TryLoad(saved.AsSpan(0, length), clock, out _).ShouldBeFalse();
        }

        MikeyReplayCache.TryLoad([.. saved, 0], clock, out _).ShouldBeFalse();
        foreach (int offset in new[] { 0, 1, 9, 12, 77 })
        {
            byte[] changed = [.. saved];
            changed[offset] ^= 0x80;
            MikeyReplayCache.TryLoad(changed, clock, out _).ShouldBeFalse($"octet {offset}");
        }

        byte[] twice = [.. saved, .. saved.AsSpan(13)];
        twice[12] = 2;
        MikeyReplayCache.TryLoad(twice, clock, out _).ShouldBeFalse();
    }

    [Fact]
    public void Window_and_capacity_have_limits()
    {
        TestClock clock = new(_now);
        Should.Throw<ArgumentOutOfRangeException>(() => new MikeyReplayCache(clock, TimeSpan.Zero));
        Should.Throw<ArgumentOutOfRangeException>(() => new MikeyReplayCache(clock, TimeSpan.FromDays(2)));
        Should.Throw<ArgumentOutOfRangeException>(() => new MikeyReplayCache(clock, capacity: 15));
    }

    private static MikeyMessage Message(uint csbId, DateTimeOffset time, byte random, string receiver = "sip:bob@example.org")
    {
        List<MikeyPayload> payloads = MessageFactory.Payloads();
        payloads[0] = MikeyTimestamp.FromDateTimeOffset(time);
        payloads[3] = MikeyIdentity.FromUri(MikeyIdentityRole.Responder, receiver);
        payloads[1] = new MikeyRandom(MessageFactory.Octets(16, random));
        return MikeyMessage.Parse(MikeyMessage.Encode(new MikeyHeader(csbId, MikeyCsIdMap.Empty), payloads));
    }
}
