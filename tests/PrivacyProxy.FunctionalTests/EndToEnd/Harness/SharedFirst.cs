using Xunit.Abstractions;

[assembly: TestCollectionOrderer("PrivacyProxy.FunctionalTests.EndToEnd.Harness.SharedFirst", "PrivacyProxy.FunctionalTests")]

namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>Begins with the classes that share something and so run one after another: at the end they would run alone.</summary>
public sealed class SharedFirst : ITestCollectionOrderer
{
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(static collection => collection.CollectionDefinition is null);
}
