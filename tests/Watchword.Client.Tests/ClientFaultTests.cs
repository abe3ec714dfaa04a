namespace Watchword.Client.Tests;

public sealed class ClientFaultTests
{
    [Fact]
    public void Every_fault_has_a_number_of_its_own_words_a_clause_and_a_next_step()
    {
        ClientFault[] faults = Enum.GetValues<ClientFault>();

        faults.Select(f => (int)f).ShouldBeUnique();
        foreach (ClientFault fault in faults)
        {
            ((int)fault).ShouldBeInRange(5000, 5999);
            WatchwordClientException e = new(fault, "detail", "id-1");
            e.Message.ShouldEndWith(": detail");
            e.Clause.ShouldNotBeNullOrWhiteSpace();
            e.NextStep.ShouldNotBeNullOrWhiteSpace();
            e.Number.ShouldBe((int)fault);
            e.CorrelationId.ShouldBe("id-1");
        }
    }
}
