using CsCheck;
using Watchword.ResourceServers.GroupManagement.Keys;

namespace Watchword.ResourceServers.Tests.Groups;

/// <summary>What is decided about the key of a group (TS 33.180 5.7), row by row and by its laws.</summary>
public sealed class GroupKeyPlanTests
{
    private const string Group = "sip:rescue@lab.example";
    private static readonly DateTimeOffset Now = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);

    public static TheoryData<bool, string, string?, int, string, string> Rows => new()
    {
        // needs a key, members, holders of the key that there is, its age in days; act, receivers
        { true, "ab", null, 0, "Make", "ab" },
        { true, "", null, 0, "None", "" },
        { false, "ab", null, 0, "None", "" },
        { true, "ab", "ab", 1, "None", "" },
        { true, "abc", "ab", 1, "HandOut", "c" },
        { true, "ab", "", 1, "HandOut", "ab" },
        { true, "ab", "abc", 1, "Replace", "ab" },
        { true, "bd", "abc", 1, "Replace", "bd" },
        { true, "ab", "ab", 30, "Renew", "ab" },
        { true, "ab", "abc", 30, "Replace", "ab" },
        { true, "", "ab", 1, "Revoke", "" },
        { false, "ab", "ab", 1, "Revoke", "" },
        { false, "ab", "abc", 1, "Revoke", "" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_row_of_the_table(
        bool needsKey, string members, string? holders, int days, string act, string receivers)
    {
        GroupKeyPlan plan = Decide(needsKey, members, holders, days);

        plan.Act.ToString().ShouldBe(act);
        plan.Receivers.ShouldBe(SetOf(receivers), ignoreOrder: true);
    }

    [Fact]
    public void Without_a_maximum_age_nothing_is_renewed() =>
        GroupKeyPlan.For(Wish(true, "ab"), State("ab", 10_000), Now, null).Act.ShouldBe(GroupKeyAct.None);

    [Fact]
    public void Nobody_but_members_gets_a_key_and_after_it_only_members_have_it()
    {
        Gen<string> people = Gen.Char["abcdef"].Array[0, 6].Select(chars => new string(chars));
        Gen.Select(Gen.Bool, people, people, Gen.Bool, Gen.Int[0, 60]).Sample((needsKey, members, holders, has, days) =>
        {
            GroupKeyPlan plan = Decide(needsKey, members, has ? holders : null, days);

            plan.Receivers.IsSubsetOf(SetOf(members)).ShouldBeTrue();
            HashSet<string> after = plan.Act switch
            {
                GroupKeyAct.Make or GroupKeyAct.Renew or GroupKeyAct.Replace => [.. plan.Receivers],
                GroupKeyAct.HandOut or GroupKeyAct.None => [.. has ? SetOf(holders) : [], .. plan.Receivers],
                _ => [],
            };
            after.IsSubsetOf(SetOf(members)).ShouldBeTrue();
            if (needsKey)
            {
                after.SetEquals(SetOf(members)).ShouldBeTrue();
            }
        });
    }

    private static GroupKeyPlan Decide(bool needsKey, string members, string? holders, int days) =>
        GroupKeyPlan.For(Wish(needsKey, members), holders is null ? null : State(holders, days), Now, Month);

    private static GroupKeyWish Wish(bool needsKey, string members) => new(Group, needsKey, SetOf(members));

    private static GroupKeyState State(string holders, int days) => new(1, Now - TimeSpan.FromDays(days), SetOf(holders));

    private static HashSet<string> SetOf(string members) => [.. members.Select(name => $"sip:{name}@lab.example")];
}
