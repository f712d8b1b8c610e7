namespace PrivacyProxy.FunctionalTests.Documents;

/// <summary>The sample of an origin; it is built from the packages and run by PrivacyProxy.DeploymentTests.Packages.</summary>
public sealed class OriginsPageTests
{
    public const string Start = "using System.Security.Claims;";

    [SkippableTheory]
    [InlineData("docs/origins.md")]
    [InlineData("src/PrivacyPass.AspNetCore/README.md")]
    public void The_page_shows_the_sample(string page)
    {
        Skip.If(Product.RepositoryRoot is null, "the tests run outside a checkout");
        var sample = DocumentPages.Read("samples/Origin/Program.cs");
        Assert.Equal(sample, DocumentPages.Block(page, Start).Text);
        Assert.InRange(sample.Split('\n').Length, 10, 35);
    }
}
