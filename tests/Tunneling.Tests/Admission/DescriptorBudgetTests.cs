using System.Diagnostics;
using System.Globalization;
using Tunneling.Admission;
using Tunneling.Native;

namespace Tunneling.Tests.Admission;

public sealed class DescriptorBudgetTests
{
    [Theory]
    [InlineData(400, 165, 96, 139)]
    [InlineData(1024, 165, 112, 747)]
    [InlineData(20_000, 165, 408, 19_427)]
    [InlineData(100, 165, 96, 16)]
    public void Places_are_what_the_limit_leaves_after_what_is_open_and_the_reserve(int limit, int open, int reserve, int places)
    {
        var budget = new DescriptorBudget(limit, open, reserve);
        Assert.Equal(places, budget.Places);
        Assert.Equal(limit - (reserve / 2), budget.FirstReserved);
        Assert.Contains(limit.ToString(CultureInfo.InvariantCulture), budget.ToString(), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void The_soft_limit_is_raised_to_the_hard_one_and_what_is_open_is_counted()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "RLIMIT_NOFILE is asked of Linux only.");
        var budget = DescriptorBudget.Claim();
        Assert.Equal(Hard(), budget.Limit);
        Assert.InRange(budget.Open, 3, budget.Limit);
        var open = OpenFileLimit.CountOpen();
        using (File.OpenRead("/dev/null")) Assert.InRange(OpenFileLimit.CountOpen()!.Value, 3, budget.Limit);
        Assert.NotNull(open);
        Assert.Equal(7, DescriptorBudget.Claim(reserve: 7).Reserve);
    }

    private static int Hard()
    {
        using var self = Process.GetCurrentProcess();
        var line = File.ReadLines($"/proc/{self.Id}/limits").Single(static line => line.StartsWith("Max open files", StringComparison.Ordinal));
        var columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return int.Parse(columns[4], CultureInfo.InvariantCulture);
    }
}
