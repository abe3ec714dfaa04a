using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Watchword.Cryptography.Tests;

public sealed class BoundedCacheTests
{
    [Fact]
    public void A_value_is_found_by_its_key_alone()
    {
        BoundedCache<string> cache = new(100);
        cache.Add(Key(1), "one", 10);
        cache.TryGet(Key(1), out string? value).ShouldBeTrue();
        value.ShouldBe("one");
        cache.TryGet(Key(2), out value).ShouldBeFalse();
        value.ShouldBeNull();
        cache.SizeInBytes.ShouldBe(10);
    }

    [Fact]
    public void The_least_recently_used_gives_way()
    {
        BoundedCache<string> cache = new(30);
        cache.Add(Key(1), "one", 10);
        cache.Add(Key(2), "two", 10);
        cache.Add(Key(3), "three", 10);
        cache.TryGet(Key(1), out _).ShouldBeTrue();
        cache.Add(Key(4), "four", 15);
        cache.TryGet(Key(1), out _).ShouldBeTrue();
        cache.TryGet(Key(2), out _).ShouldBeFalse();
        cache.TryGet(Key(3), out _).ShouldBeFalse();
        cache.TryGet(Key(4), out _).ShouldBeTrue();
        cache.SizeInBytes.ShouldBe(25);
    }

    [Fact]
    public void Another_value_of_a_key_replaces_the_first()
    {
        BoundedCache<string> cache = new(30);
        cache.Add(Key(1), "one", 10);
        cache.Add(Key(1), "uno", 12);
        cache.TryGet(Key(1), out string? value).ShouldBeTrue();
        value.ShouldBe("uno");
        cache.SizeInBytes.ShouldBe(12);
    }

    [Fact]
    public void What_exceeds_the_capacity_alone_is_not_kept()
    {
        BoundedCache<string> cache = new(30);
        cache.Add(Key(1), "one", 10);
        cache.Add(Key(2), "two", 31);
        cache.TryGet(Key(1), out _).ShouldBeTrue();
        cache.TryGet(Key(2), out _).ShouldBeFalse();
        cache.SizeInBytes.ShouldBe(10);
    }

    [Fact]
    public void Endless_new_keys_stay_within_the_bound_and_their_counts_drive_out_nothing()
    {
        BoundedCache<object> cache = new(1000);
        cache.Add(Key(-1), "kept", 100);
        for (int i = 0; i < 100_000; i++)
        {
            cache.Touch(Key(i)).ShouldBe(1);
        }

        cache.TryGet(Key(-1), out _).ShouldBeTrue();
        for (int i = 0; i < 100_000; i++)
        {
            cache.Add(Key(i), "value", 100 + (i % 7));
            cache.SizeInBytes.ShouldBeLessThanOrEqualTo(1000);
        }

        cache.TryGet(Key(-1), out _).ShouldBeFalse();
        cache.TryGet(Key(99_999), out _).ShouldBeTrue();
    }

    [Fact]
    public void Uses_are_counted()
    {
        BoundedCache<string> cache = new(10);
        cache.Touch(Key(1)).ShouldBe(1);
        cache.Touch(Key(2)).ShouldBe(1);
        cache.Touch(Key(1)).ShouldBe(2);
        cache.Touch(Key(1)).ShouldBe(3);
        cache.Touch(Key(2)).ShouldBe(2);
    }

    [Fact]
    public void Finding_and_counting_allocate_nothing()
    {
        BoundedCache<string> cache = new(100);
        cache.Add(Key(1), "one", 10);
        CacheKey present = Key(1);
        CacheKey absent = Key(2);
        _ = cache.Touch(absent);
        _ = cache.TryGet(present, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            _ = cache.Touch(absent);
            _ = cache.TryGet(present, out _);
            _ = cache.TryGet(absent, out _);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Fact]
    public void Several_threads_find_only_right_values()
    {
        BoundedCache<string> cache = new(500);
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, thread =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                int number = (i * (thread + 3)) % 97;
                if (cache.TryGet(Key(number), out string? value))
                {
                    value.ShouldBe($"value {number}");
                }
                else
                {
                    cache.Add(Key(number), $"value {number}", 10 + (number % 5));
                }

                _ = cache.Touch(Key(number + 1000));
                cache.SizeInBytes.ShouldBeLessThanOrEqualTo(500);
            }
        });
    }

    private static CacheKey Key(int number)
    {
        Span<byte> octets = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(octets, number);
        return new CacheKey(SHA256.HashData(octets));
    }
}
