using PrivacyProxy.Commands.Top.Figures;
using PrivacyProxy.Commands.Top.Screen;

namespace PrivacyProxy.Tests.Top.Screen;

public sealed class AmountTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(999, "999")]
    [InlineData(1234, "1,234")]
    [InlineData(12345, "12.3k")]
    [InlineData(999_499, "999k")]
    [InlineData(999_500, "1.00M")]
    [InlineData(1.5e21, "1500000P")]
    [InlineData(double.NaN, "-")]
    public void A_count_keeps_three_digits_where_it_does_not_fit(double count, string expected) => Assert.Equal(expected, Amount.Count(count));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.01, "<0.1")]
    [InlineData(0.05, "0.1")]
    [InlineData(999.94, "999.9")]
    [InlineData(999.96, "1.00k")]
    public void A_rate_keeps_one_decimal(double rate, string expected) => Assert.Equal(expected, Amount.Rate(rate));

    [Theory]
    [InlineData(20e-6, false, "20.0 us")]
    [InlineData(999.4e-6, false, "999 us")]
    [InlineData(999.6e-6, false, "1.00 ms")]
    [InlineData(0.0398, false, "39.8 ms")]
    [InlineData(0.9996, false, "1.00 s")]
    [InlineData(1, true, ">1.00 s")]
    [InlineData(3600, false, "3600 s")]
    public void A_duration_has_the_unit_that_fits(double seconds, bool isBeyond, string expected) => Assert.Equal(expected, Amount.Duration(new Quantile(seconds, isBeyond)));

    [Theory]
    [InlineData(999, "999 B")]
    [InlineData(1000, "1.00 kB")]
    [InlineData(123_456_789, "123 MB")]
    public void Bytes_count_in_thousands(double bytes, string expected) => Assert.Equal(expected, Amount.Bytes(bytes));

    [Theory]
    [InlineData(59, "59s")]
    [InlineData(3599, "59m 59s")]
    [InlineData(90_000, "1d 1h")]
    public void A_long_time_has_two_units(int seconds, string expected) => Assert.Equal(expected, Amount.Span(TimeSpan.FromSeconds(seconds)));
}
