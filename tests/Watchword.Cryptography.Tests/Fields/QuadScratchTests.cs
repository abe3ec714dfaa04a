using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Tests.Fields;

public sealed class QuadScratchTests
{
    [Fact]
    public void Space_is_used_again_and_zero()
    {
        QuadScratch scratch = new(3);
        SakkeQuad[] first = scratch.Rent();
        first.AsSpan().Fill(SakkeQuad.One);
        scratch.Return(first);
        SakkeQuad[] second = scratch.Rent();
        second.ShouldBeSameAs(first);
        second.ShouldAllBe(quad => quad.GetLane(0).IsZero().Reveal());
        scratch.Rent().ShouldNotBeSameAs(first);
    }

    [Fact]
    public void No_more_is_kept_than_processors_can_use()
    {
        QuadScratch scratch = new(1);
        SakkeQuad[][] all = [.. Enumerable.Range(0, Environment.ProcessorCount + 5).Select(_ => scratch.Rent())];
        foreach (SakkeQuad[] quads in all)
        {
            scratch.Return(quads);
        }

        HashSet<SakkeQuad[]> before = new(all, ReferenceEqualityComparer.Instance);
        Enumerable.Range(0, all.Length).Count(_ => before.Contains(scratch.Rent())).ShouldBe(Environment.ProcessorCount);
    }
}
